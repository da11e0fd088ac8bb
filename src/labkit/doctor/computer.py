"""What every kind of machine needs of the computer."""

import re
from collections.abc import Iterator

from labkit.doctor.seen import Finding, Seen, last, text, there

DISK_KB = 1_000_000
DOCKER_DISK_KB = 2_000_000


def ssh_client(seen: Seen) -> Iterator[Finding]:
    """Every kind is reached by OpenSSH's client."""
    if not there(seen, "ssh"):
        yield Finding(
            "missing",
            "",
            "OpenSSH's client is not on this computer.",
            "The labs reach each kind of server with it.",
            "sudo apt-get install openssh-client, or your system's package of it",
        )


def disks(seen: Seen) -> Iterator[Finding]:
    """Room for this checkout and for servers."""
    for name, kind, needed in (
        ("disk", "", DISK_KB),
        ("docker's disk", "docker", DOCKER_DISK_KB),
    ):
        # "Filesystem 1024-blocks Used Available Capacity Mounted on"
        fields = last(text(seen, name)).split()
        if len(fields) >= 6 and fields[3].isdigit() and int(fields[3]) < needed:
            yield Finding(
                "warning",
                kind,
                f"The disk is nearly full: {int(fields[3]) // 1000} MB are left on "
                f"{fields[5]}.",
                f"A lab server and its states take about {needed // 1_000_000} GB.",
                "make room (docker system df shows what Docker holds)"
                if kind
                else "make room",
            )


def ports(seen: Seen, port: int, server: str) -> Iterator[Finding]:
    """The port on loopback that leads to the server's ssh, and who has it."""
    listening = [
        line
        for name in ("listeners", "listeners on macOS")
        for line in text(seen, name).splitlines()
        if f":{port} " in line
    ]
    ours = re.search(
        rf"^{server} .*:{port}->22/tcp", text(seen, "containers"), re.MULTILINE
    )
    if listening and not ours:
        who = re.search(r'users:\(\("([^"]+)",pid=(\d+)', listening[0])
        mac = re.match(r"(\S+)\s+(\d+)\s", listening[0])
        found = who or (None if listening[0].startswith("LISTEN") else mac)
        by = f" by {found[1]} (process {found[2]})" if found else ""
        yield Finding(
            "warning",
            "",
            f"Port {port} on this computer is taken{by}.",
            "The server's ssh is published there, on 127.0.0.1 only.",
            f"end that program, or choose another port: ./lab start 01 --port "
            f"{port + 1 if port < 65535 else port - 1}",
        )

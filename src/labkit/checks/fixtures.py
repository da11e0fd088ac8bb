"""Fixtures for checks: the server as root, the visitor, the front door, time.

They work under `lab check` and under plain
`pytest labs/NN-slug --hosts=ssh://lab --ssh-config=.lab/ssh_config` alike.
"""

import json
import random
import shlex
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest
from testinfra.backend.base import CommandResult
from testinfra.host import Host

from labkit import probes

IPV4 = "198.51.100.1"
IPV6 = "2001:db8:100::1"
"""The server's addresses as the visitor knows them (server/files/visitor)."""

# Printed by the server's python3 in the visitor's namespace. A refused or
# unanswered connection is an answer too, so each ends in one word.
_KNOCK = """
import json, random, socket, sys
def knock(kind, address, port):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, getattr(socket, "SOCK_" + kind)) as s:
        s.settimeout(patience)
        if family == socket.AF_INET6:
            s.setsockopt(socket.IPPROTO_IP, 15, 1)  # IP_FREEBIND: a routed network
            s.bind((f"2001:db8:200::{random.randrange(1, 65536):x}", 0))
        else:
            s.bind((f"203.0.113.{random.randrange(1, 255)}", 0))
        try:
            s.connect((address, port))
            if kind == "DGRAM":
                s.send(b"knock")
                s.recv(16)
            return "open"
        except TimeoutError:
            return "silent"
        except ConnectionRefusedError:
            return "refused"
        except OSError as error:
            return error.strerror or str(error)
from concurrent.futures import ThreadPoolExecutor
doors, patience = json.loads(sys.argv[1])
with ThreadPoolExecutor(len(doors)) as pool:
    print(json.dumps(list(pool.map(lambda door: knock(*door), doors))))
"""

# Printed as above: what ssh says to somebody who has no key and no password. Not all
# come at once, since sshd turns away who comes when many are at its door.
_COME = """
import json, subprocess, sys
from concurrent.futures import ThreadPoolExecutor
def come(user, address):
    argv = ["ssh", "-4", "-b", address, "-o", "PreferredAuthentications=none"]
    argv += ["-o", "LogLevel=ERROR", "-o", "StrictHostKeyChecking=no"]
    argv += ["-o", "UserKnownHostsFile=/dev/null", "-o", "ConnectTimeout=10"]
    argv += ["-l", user, "board.test", "true"]
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True)
    return done.stderr.decode(errors="replace").strip()
with ThreadPoolExecutor(4) as pool:
    print(json.dumps(list(pool.map(lambda one: come(*one), json.loads(sys.argv[1])))))
"""

# sshd answers a client that has failed several times by closing the connection
# before the handshake, for 15 seconds and more (PerSourcePenalties, OpenSSH 9.8).
_PENALTY = ("kex_exchange_identification", "Not allowed at this time")
_PENALTY_WAITS = (10, 10, 10, 10, 0)


@dataclass(frozen=True)
class Door:
    """One place to knock at: kind is STREAM (TCP) or DGRAM (UDP)."""

    kind: str
    address: str
    port: int

    def __str__(self) -> str:
        protocol = "TCP" if self.kind == "STREAM" else "UDP"
        family = "IPv6" if ":" in self.address else "IPv4"
        return f"{protocol} port {self.port} over {family}"


class Visitor:
    """Somebody on the network: what the world sees of the server.

    Each knock and each ssh comes from another address, as strangers' do.
    """

    def __init__(self, host: Host) -> None:
        self._host = host

    def run(self, command: str, *args: str) -> CommandResult:
        """Run a command where the visitor is; arguments fill %s, quoted.

        The exit code 255 becomes 254: testinfra takes 255 for a failure of its
        own ssh, and the visitor's ssh ends so too.
        """
        kept = "code=$?; [ $code != 255 ] || exit 254; exit $code"
        return self._host.run(f"ip netns exec visitor {command}; {kept}", *args)

    @cached_property
    def scheme(self) -> str:
        """How a site answers strangers: "https", "http", or "" where no web port is
        open to them. Looked for once: if that door closes later, whoever goes there
        finds out.
        """
        ports = {"https": 443, "http": 80}
        doors = {name: Door("STREAM", IPV4, port) for name, port in ports.items()}
        answers = self.knock(list(doors.values()))
        return next((name for name in doors if answers[doors[name]] == "open"), "")

    def ssh(self, users: list[str]) -> dict[str, str]:
        """Come to sshd as each of `users` with no key and no password; its words."""
        come = [[user, f"203.0.113.{random.randrange(1, 255)}"] for user in users]
        words = self._answers(_COME, come)
        return dict(zip(users, words, strict=True))

    def knock(self, doors: list[Door], patience: float = 0.15) -> dict[Door, str]:
        """Try each door, all at once; `patience` seconds without an answer is
        silence. An answer takes well under a millisecond here.

        Returns each door's answer: "open", "refused", "silent" (nothing came
        back), or the operating system's words for another error.
        """
        asked = [[[d.kind, d.address, d.port] for d in doors], patience]
        return dict(zip(doors, self._answers(_KNOCK, asked), strict=True))

    def _answers(self, program: str, asked: list[Any]) -> list[str]:
        """What a Python program says where the visitor is."""
        result = self.run("python3 -c %s %s", program, json.dumps(asked))
        if result.rc != 0:
            raise RuntimeError(f"the visitor could not look: {result.stderr.strip()}")
        answers: list[str] = json.loads(result.stdout)
        return answers


@dataclass(frozen=True)
class Login:
    """One attempt to log in: whether it worked, and ssh's own words if not."""

    ok: bool
    words: str


class FrontDoor:
    """The learner's way in: ssh from this computer with the learner's own key."""

    def __init__(self, ssh_config: str | None, alias: str) -> None:
        config = ["-F", ssh_config] if ssh_config else []
        self._ssh = ["ssh", *config, "-n", "-o", "BatchMode=yes"]
        self._alias = alias

    def login(self, user: str) -> Login:
        """Log in as `user`, ask the shell there who one is, log out."""
        argv = [*self._ssh, "-l", user, self._alias, "id -un"]
        for wait in _PENALTY_WAITS:
            done = subprocess.run(
                argv, capture_output=True, text=True, timeout=30, check=False
            )
            words = done.stderr.strip()
            if not any(sign in words for sign in _PENALTY):
                break
            time.sleep(wait)
        return Login(
            done.returncode == 0 and done.stdout.strip() == user,
            words.splitlines()[-1] if words else "",
        )


def accounts(host: Host) -> list[str]:
    """Names of the people's accounts on the server: not root, not a service."""
    people = []
    for line in host.check_output("getent passwd").splitlines():
        name, _, uid, _, _, _, shell = line.split(":")
        if 1000 <= int(uid) < 60000 and not shell.endswith(("nologin", "false")):
            people.append(name)
    return people


@pytest.fixture
def as_root(request: pytest.FixtureRequest) -> None:
    """Let testinfra's host look as root: checks may read what only root can."""
    if "host" in request.fixturenames:
        request.getfixturevalue("host").backend.sudo = True


@pytest.fixture(scope="module")
def visitor(host: Host) -> Visitor:
    """The server seen from outside."""
    return Visitor(host)


@pytest.fixture(scope="module")
def front(request: pytest.FixtureRequest, host: Host) -> FrontDoor:
    """The learner's own way in."""
    alias = host.backend.get_hostname() + "-front"
    return FrontDoor(request.config.getoption("ssh_config"), alias)


@pytest.fixture
def reboot(host: Host) -> Callable[[], None]:
    """A function that reboots the server and waits until it is up again."""

    def boot_id() -> str:
        try:
            result = host.run("cat /proc/sys/kernel/random/boot_id /proc/1/stat")
        except RuntimeError:  # no connection: on its way down or up
            return ""
        # A container shares its kernel's boot id: the start time of its first
        # process, field 22 of its stat line, tells two boots apart there.
        words = result.stdout.split()
        return f"{words[0]} {words[22]}" if result.rc == 0 else ""

    def boot_seconds() -> float:
        """How long the last boot took, from systemd's start on; where the processor is
        emulated, a minute."""
        shown = host.run(
            "systemctl show --property=FinishTimestampMonotonic "
            "--property=UserspaceTimestampMonotonic"
        ).stdout
        stamps = dict(line.split("=") for line in shown.split())
        finish = int(stamps.get("FinishTimestampMonotonic", 0))
        began = int(stamps.get("UserspaceTimestampMonotonic", 0))
        return max(0, finish - began) / 1e6

    def reboot_and_wait() -> None:
        before, seconds = boot_id(), boot_seconds()
        patience = max(120.0, min(900.0, 5 * seconds))
        with suppress(RuntimeError):  # the connection may go before the answer
            # Past logind, which waits two seconds for anyone who would delay it.
            host.run("systemctl start --no-block reboot.target")
        deadline = time.monotonic() + patience
        while boot_id() in ("", before):
            if time.monotonic() > deadline:
                raise RuntimeError(
                    f"the server did not come back within {patience:.0f} seconds"
                )
            time.sleep(0.05)
        host.run("sh -c %s", probes.BOOTED)
        # A site's workers are started by then, and may be long at loading it.
        host.run("timeout %s sh -c %s", str(max(1.0, seconds)), probes.IDLE)

    return reboot_and_wait


# For each timer that a reboot does not take away: its next start (in
# microseconds since 1970) and the unit that it starts.
_TIMERS = """
systemctl list-timers --output=json
systemctl show --property=Id,FragmentPath '*.timer'
"""


# What Debian starts daily or weekly to keep its own house, and no update comes by.
_HOUSEKEEPING = (
    *("dpkg-db-backup.service", "e2scrub_all.service", "fstrim.service"),
    *("logrotate.service", "man-db.service", "systemd-tmpfiles-clean.service"),
)


class Calendar:
    """The server's own habits: what its timers start, and a day of that at once."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._days = 0

    def due(self) -> list[str]:
        """The units that timers would start within a day, in the order of a day.

        Not what a transient timer would: that is somebody's way back, not a habit.
        Nor Debian's housekeeping, which takes a while and changes nothing that is
        checked.
        """
        listed, *shown = self._host.check_output(_TIMERS).split("\n", 1)
        transient = {
            block.partition("Id=")[2].split()[0]
            for block in "".join(shown).split("\n\n")
            if "/run/systemd/transient/" in block
        }
        horizon = (time.time() + 25 * 3600) * 1e6
        due = {
            timer["activates"]
            for timer in json.loads(listed)
            if 0 < (timer["next"] or 0) < horizon and timer["unit"] not in transient
        }
        # Always in the same order, in which apt-daily precedes apt-daily-upgrade.
        return sorted(
            due.difference(_HOUSEKEEPING), key=lambda unit: unit.rpartition(".")[0]
        )

    def pass_a_day(self) -> None:
        """Start now, one after the other, what timers would start within a day."""
        self._days += 1
        # apt notes down when it last did what, and keeps to its own intervals.
        self._host.run(
            "systemd-run --quiet --collect --wait --unit=labkit-day sh -c %s",
            f"cd /var/lib/apt/periodic; touch -d '{24 * self._days + 1} hours ago' "
            "update-stamp download-upgradeable-stamp upgrade-stamp "
            "unattended-upgrades-stamp; "
            f"for job in {' '.join(map(shlex.quote, self.due()))}; do "
            "timeout 100 systemctl start $job; done",
        )


@pytest.fixture
def calendar(host: Host) -> Iterator[Calendar]:
    """What the server does of itself in a day; a day cut short starts no more."""
    yield Calendar(host)
    host.run("systemctl stop labkit-day")

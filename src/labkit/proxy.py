"""A SOCKS proxy on this computer whose far end is on the server: `ssh -D`.

A program that uses it has the server's view of the network: names are resolved
there, and connections come from there.
"""

import shlex
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager

from labkit import servers, ssh
from labkit.checks import mail
from labkit.checks.fixtures import IPV4
from labkit.errors import LabError
from labkit.machines import Server

Links = Generator[subprocess.Popen[bytes] | LabError, None, None]

# How long ssh may take to log in.
_SECONDS = 30


def _place(enter: str, hosts: str) -> str:
    """A shell command that starts an sshd for one connection at a place, as root.

    The sshd has a hosts file of its own, which goes with it: pairs of address and name.
    """
    return (
        f'{enter} sh -c "mount -t tmpfs none /mnt && '
        f"printf '%s %s\\n' {hosts} {mail.IPV4} {mail.NAME} >/mnt/hosts && "
        'mount --bind /mnt/hosts /etc/hosts && exec /opt/lab/labkit/door"'
    )


# IPv4 alone: where a firewall drops IPv6, sshd would wait two minutes for it, while
# a visitor's browser asks for both at once and takes what answers.
VISITOR = _place("ip netns exec visitor", f"{IPV4} board.test")
"""Where visitors come from: behind the firewall is the server, as board.test."""

SERVER = _place("unshare --mount", "127.0.0.1 localhost 127.0.0.1 board.test")
"""The server itself: loopback, which is board.test as well."""


def links(server: Server, place: str, port: int) -> Links:
    """Proxies at `port` of 127.0.0.1 that lead to a place on the server, in turn.

    Each is a process that ends by itself when the connection breaks off, as at a
    reboot; the next one is made when the caller asks for it. Where none comes about,
    the reason is yielded in its place. Closing the generator ends the last one.
    """
    while True:
        try:
            with (
                servers.connected(server) as connection,
                _link(server, connection, place, port) as process,
            ):
                yield process
        except LabError as error:
            yield error


@contextmanager
def _link(
    server: Server, connection: ssh.Connection, place: str, port: int
) -> Iterator[subprocess.Popen[bytes]]:
    door = shlex.join(connection.argv(place)).replace("%", "%%")
    argv = [
        *("ssh", "-F", str(servers.ssh_config(server)), "-N"),
        *("-D", f"127.0.0.1:{port}", "-o", "ExitOnForwardFailure=yes"),
        *("-o", f"ProxyCommand={door}", connection.alias),
    ]
    with tempfile.TemporaryFile() as words:
        process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=words, stderr=words
        )
        try:
            deadline = time.monotonic() + _SECONDS
            while not _answers(port) or process.poll() is not None:
                if process.poll() is not None or time.monotonic() > deadline:
                    words.seek(0)
                    raise connection.explain(words.read().decode(errors="replace"))
                time.sleep(0.05)
            yield process
        finally:
            process.terminate()
            process.wait()


def free_port() -> int:
    """A port of 127.0.0.1 at which nobody listens: ssh can't choose one itself."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True

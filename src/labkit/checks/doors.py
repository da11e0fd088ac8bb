"""What of a server can be reached from outside: lab 01's promise, which every later
lab keeps while it opens doors of its own.
"""

import random
from collections.abc import Iterator

import pytest
from testinfra.host import Host

from labkit.checks import expect
from labkit.checks.fixtures import IPV4, IPV6, Door, Visitor

# Where a program is made to listen, on every address, by TCP and UDP: at Django's
# runserver's port, and at one that no rule can have been written for.
RUNSERVER_PORT = 8000
ANY_PORT = random.randrange(20000, 30000)

# The program: answers every connection and every datagram until it is stopped.
# At a port that is taken already, somebody else answers for it.
ANSWER_EVERYBODY = f"""
import contextlib, selectors, socket
doors = selectors.DefaultSelector()
for port in {RUNSERVER_PORT}, {ANY_PORT}:
    for family, address in (socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::"):
        for kind in socket.SOCK_STREAM, socket.SOCK_DGRAM:
            s = socket.socket(family, kind)
            if family == socket.AF_INET6:
                s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            with contextlib.suppress(OSError):
                s.bind((address, port))
                if kind == socket.SOCK_STREAM:
                    s.listen()
                doors.register(s, selectors.EVENT_READ, kind)
while True:
    for key, _ in doors.select():
        if key.data == socket.SOCK_STREAM:
            key.fileobj.accept()[0].close()
        else:
            key.fileobj.sendto(b"here", key.fileobj.recvfrom(64)[1])
"""


@pytest.fixture
def forgotten_service(host: Host) -> Iterator[None]:
    """A program that listens on all addresses, as a forgotten runserver does."""
    host.run("systemctl stop labkit-probe.service")
    host.check_output(
        "systemd-run --quiet --collect --unit=labkit-probe python3 -c %s",
        ANSWER_EVERYBODY,
    )
    listening = f"timeout 60 sh -c 'until ss -Hlun | grep -q :{ANY_PORT}; do :; done'"
    host.check_output(listening)
    yield
    host.run("systemctl stop labkit-probe.service")


def only_open(host: Host, visitor: Visitor, wanted: set[int]) -> None:
    """The visitor reaches no port but the wanted ones, whatever listens.

    To be used with the fixture `forgotten_service`.
    """
    names = " and ".join(f"port {port}" for port in sorted(wanted))
    ports = {RUNSERVER_PORT, ANY_PORT}
    for line in host.check_output("ss --no-header --listening --tcp -n").splitlines():
        address, _, port = line.split()[3].rpartition(":")
        if not address.startswith(("127.", "[::1]")) and int(port) not in wanted:
            ports.add(int(port))
    places = [Door("STREAM", ip, port) for ip in (IPV4, IPV6) for port in sorted(ports)]
    places += [
        Door("DGRAM", ip, port)
        for ip in (IPV4, IPV6)
        for port in (RUNSERVER_PORT, ANY_PORT)
    ]
    reached = [
        str(d) for d, answer in visitor.knock(places).items() if answer == "open"
    ]
    expect(
        not reached,
        wanted="from outside, nothing but "
        f"{names} can be reached: not by TCP, not by UDP, not by IPv4, not by IPv6.",
        found=f"the visitor got an answer from {', '.join(reached)}.",
        why="sooner or later something listens that was not meant for the world: a "
        "database, a development server, a package's default. A firewall that "
        "closes what nobody opened makes that harmless.",
        look="who listens: sudo ss --listening --tcp --udp --numeric --processes. "
        "What is let through: sudo nft list ruleset. The visitor's packets come in by "
        "the interface visitor0.",
    )

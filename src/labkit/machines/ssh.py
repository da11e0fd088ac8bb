"""A lab server that the reader has rented, and that provision.sh has prepared.

It has no snapshots and no console that labkit could open. labkit's account logs in
at port 22 like everybody's, so a firewall or a setting of sshd's may shut it out.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from labkit import owner, probes, scripts, servers
from labkit.address import Address
from labkit.errors import LabError, ServerAbsent
from labkit.machines import Power, Server
from labkit.ssh import Connection

# What connects within this time is on; ssh itself has more patience.
_SECONDS = 5


def _address(server: Server) -> Address:
    address = server.checkout.address(server.name)
    if address is None:
        raise ServerAbsent(
            "labkit does not know where your rented server is.",
            "None is prepared for this checkout.",
            "./lab start 01 --on ssh://root@ADDRESS",
        )
    return address


def ensure(server: Server, *, install: bool = False) -> None:
    """See `Kind.ensure`. It is there already."""


def power(server: Server) -> Power:
    """See `Kind.power`. Off is a server that does not answer."""
    address = server.checkout.address(server.name)
    if address is None:
        return "absent"
    try:
        socket.create_connection((address.host, address.port), _SECONDS).close()
    except OSError:
        return "off"
    return "on"


def up(server: Server) -> None:
    """See `Kind.up`. Only its owner can switch it on."""
    with servers.connected(server):
        pass


def down(server: Server) -> None:
    """See `Kind.down`. What provision.sh added goes; the server is its owner's."""
    if server.checkout.address(server.name):
        withdraw(server)
        forget_server(server)


@contextmanager
def _way_in(server: Server) -> Iterator[Connection]:
    """labkit's way in, or its owner's where preparing it was cut short."""
    if servers.ssh_config(server).exists():
        with servers.connected(server) as connection:
            yield connection
    else:
        with owner.connected(_address(server)) as (connection, _):
            yield connection


def withdraw(server: Server) -> list[str]:
    """Take away what provision.sh added.

    Returns the packages that stay, because something needs them by now.

    Raises:
        LabError: when the server can't be reached, or a step failed there.
    """
    script = (owner.RENTED / "withdraw.sh").read_bytes()
    key = server.checkout.key("learner").with_suffix(".pub").read_text().split()
    with _way_in(server) as connection:
        done = connection.run(
            f"{scripts.END}; bash -s -- '{' '.join(key[:2])}'",
            stdin=script,
            timeout=300,
        )
    if done.returncode != 0:
        words = done.stderr.decode(errors="replace").strip()[-300:]
        raise LabError(
            f"Not all was taken away from {_address(server)}.",
            f"Its last words: {words}",
            "./lab down again; or, as root on the server, what is in "
            "server/rented/withdraw.sh",
        )
    lines = done.stdout.decode().splitlines()
    return [line[7:] for line in lines if line.startswith("stays: ")]


def forget_server(server: Server) -> None:
    """Forget where the server is, and its host key."""
    server.checkout.set_address(server.name, None)
    servers.ssh_config(server).unlink(missing_ok=True)


def _no_states(server: Server) -> NoReturn:
    raise LabError(
        "A rented server has no snapshots.",
        "labkit can keep a state of a server on this computer only.",
        "rebuild the server on the provider's page, then ./lab down --forget and "
        f"./lab start 01 --on {_address(server)}",
    )


def save(server: Server, state: str) -> None:
    """See `Kind.save`. There is no way."""
    _no_states(server)


def restore(server: Server, state: str) -> None:
    """See `Kind.restore`. There is no way."""
    _no_states(server)


def has(server: Server, state: str) -> bool:
    """See `Kind.has`."""
    return False


def forget(server: Server, state: str) -> None:
    """See `Kind.forget`."""


def states(server: Server) -> list[str]:
    """See `Kind.states`."""
    return []


def console(server: Server, *, tty: bool) -> list[str]:
    """See `Kind.console`. It is a page of the provider's."""
    raise LabError(
        "labkit can't open the console of a rented server.",
        "It is a page of your provider's, often called console, VNC or rescue, and "
        "needs no ssh.",
        "open it there; when ssh answers again: ./lab start 01 --on "
        f"{_address(server)}",
    )


def shell(server: Server) -> list[str]:
    """See `Kind.shell`."""
    config = str(servers.ssh_config(server))
    return ["ssh", "-F", config, "-tt", server.name, "sudo"]


def unreachable(server: Server, words: str) -> LabError:
    """See `Kind.unreachable`."""
    return owner.explained(_address(server), words, labkit=True)


def ssh_config(server: Server) -> str:
    """See `Kind.ssh_config`. Both ways in are the server's port 22."""
    address = _address(server)
    place = (
        f"  HostName {address.host}\n"
        f"  Port {address.port}\n"
        f"  HostKeyAlias {server.unique_name}\n"
        # A server that went away without a word is noticed in 20 seconds.
        "  ServerAliveInterval 5\n"
        "  ServerAliveCountMax 4\n"
    )
    return (
        f"Host {server.name}\n"
        f"{place}"
        "  User labkit\n"
        f'  IdentityFile "{server.checkout.key("labkit")}"\n'
        f"Host {server.name}-front\n"
        f"{place}"
        f'  IdentityFile "{server.checkout.key("learner")}"\n'
    )


def offers(server: Server) -> frozenset[str]:
    """See `Kind.offers`. A second server would have to be rented."""
    with servers.connected(server) as connection:
        return frozenset(connection.run(probes.OFFERED).stdout.decode().split())

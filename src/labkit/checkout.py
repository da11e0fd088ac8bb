"""One copy of this repository on one computer, and what belongs to it alone.

All of it is in `.lab/`: an identity, the ssh ports on loopback, two keys, the
learner's progress. Two checkouts on one computer share only the server's image.
"""

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from labkit import address, files
from labkit.address import Address
from labkit.errors import Busy, LabError

# Below the ports that Linux and macOS give to outgoing connections, so that no
# browser takes one while the server is off.
PORTS = range(20000, 29000)


class _Identity(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    format: Literal[1] = 1
    id: str
    path: str
    ports: dict[str, int] = {}
    addresses: dict[str, str] = {}


@dataclass(frozen=True)
class Checkout:
    """The repository at `root`."""

    root: Path

    @property
    def home(self) -> Path:
        """The directory that belongs to this checkout alone."""
        return self.root / ".lab"

    @property
    def id(self) -> str:
        """Eight hexadecimal digits that no other checkout has."""
        return self._identity().id

    def _identity(self) -> _Identity:
        """Read the identity, or make one; a copied directory gets its own."""
        path = self.home / "checkout.json"
        here = str(self.root)
        try:
            known = msgspec.json.decode(path.read_bytes(), type=_Identity)
        except FileNotFoundError:
            known = None
        except msgspec.DecodeError as error:
            raise unreadable(path, error) from error
        moved = known and known.path != here
        if known and moved and not (Path(known.path) / ".lab").exists():
            known.path = here
        elif known and moved:
            known = None
        if known is None or moved:
            known = known or _Identity(id=os.urandom(4).hex(), path=here)
            files.write(path, files.as_json(known))
        return known

    def port(self, server: str) -> int:
        """The port on 127.0.0.1 that leads to a server's ssh; the same for ever."""
        known = self._identity()
        if server not in known.ports:
            start = int(known.id, 16) % len(PORTS)
            order = [*PORTS[start:], *PORTS[:start]]
            taken = set(known.ports.values())
            port: int = next(p for p in order if p not in taken and port_is_free(p))
            self.set_port(server, port)
            return port
        return known.ports[server]

    def set_port(self, server: str, port: int) -> None:
        """Choose the port on 127.0.0.1 that leads to a server's ssh."""
        known = self._identity()
        known.ports[server] = port
        files.write(self.home / "checkout.json", files.as_json(known))

    def address(self, server: str) -> Address | None:
        """Where the rented server of that name is, if there is one."""
        known = self._identity().addresses.get(server)
        return address.parse(known) if known else None

    def set_address(self, server: str, where: Address | None) -> None:
        """Remember where a rented server is; None forgets it."""
        known = self._identity()
        known.addresses.pop(server, None)
        if where:
            known.addresses[server] = str(where)
        files.write(self.home / "checkout.json", files.as_json(known))

    def key(self, owner: Literal["labkit", "learner"]) -> Path:
        """An ssh key of this checkout; the public half is beside it, as .pub."""
        path = self.home / "keys" / owner
        if not path.with_suffix(".pub").exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.unlink(missing_ok=True)
            argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", owner]
            try:
                subprocess.run([*argv, "-f", str(path)], check=True)
            except FileNotFoundError:
                raise LabError(
                    "ssh-keygen is not on this computer.",
                    "The labs reach their server with OpenSSH's client.",
                    "install the package openssh-client (or: ./lab demo --install)",
                ) from None
        return path

    @contextmanager
    def working(self, command: str, lock: str = "lock") -> Iterator[None]:
        """Keep a second `lab` from changing this checkout's server meanwhile.

        What has servers of its own takes a `lock` of its own.

        Raises:
            Busy: when one is at work.
        """
        path, told = self.home / lock, self.home / f"{lock}.what"
        try:
            with files.locked(path, wait=False):
                told.write_text(command)
                yield
        except BlockingIOError:
            what = told.read_text()
            raise Busy(
                f"Another lab is at work here: `lab {what}`, process "
                f"{path.read_text()}.",
                "Two at once would pull one server in two directions.",
                "wait until it has ended, or end it with Ctrl-C, and repeat",
            ) from None

    def at_work(self) -> str | None:
        """The command of another `lab` that works on this checkout's server now."""
        path = self.home / "lock"
        try:
            with files.locked(path, wait=False):
                return None
        except BlockingIOError:
            ours = path.read_text() == str(os.getpid())
            return None if ours else (self.home / "lock.what").read_text()


def port_is_free(port: int) -> bool:
    """Whether a program could listen on this port of 127.0.0.1 now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def unreadable(path: Path, error: msgspec.DecodeError) -> LabError:
    """The error for a file of ours that isn't as we wrote it."""
    return LabError(
        f"{path} is damaged: {error}.",
        "labkit wrote this file; something else changed it. Nothing was lost by "
        "reading it.",
        f"mend it, or set it aside: mv '{path}' '{path}.damaged'",
    )

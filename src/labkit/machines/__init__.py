"""The kinds of machine a lab server can be: a dict from name to module.

Each module is a `Kind`. All that a kind can't do alike for all (keys, waiting,
scripts, checks) is done over ssh, elsewhere.
"""

import importlib
from dataclasses import dataclass
from typing import Literal, Protocol, cast

from labkit.checkout import Checkout
from labkit.errors import LabError

KINDS = {
    "vagrant": "labkit.machines.vagrant",
    "docker": "labkit.machines.docker",
    "ssh": "labkit.machines.ssh",
}
FALLBACK = "docker"
"""The kind where no virtual machine runs at a processor's own speed."""
RENTED = "ssh"

BARE = "bare"
"""The state of a server as a provider hands it over."""

Power = Literal["on", "off", "absent"]


@dataclass(frozen=True)
class Server:
    """A server of a checkout, by name: `lab` is the learner's."""

    checkout: Checkout
    name: str
    kind_name: str

    @property
    def kind(self) -> "Kind":
        """What the server is; imported only where it is needed."""
        return kind(self.kind_name)

    @property
    def unique_name(self) -> str:
        """A name that no other server on this computer has."""
        return f"open-box-{self.checkout.id}-{self.name}"

    @property
    def rented(self) -> bool:
        """Whether the server is elsewhere and the reader's own: it has no saved states
        and no console here, and nothing on it is changed unasked."""
        return self.kind_name == RENTED

    @property
    def port(self) -> int:
        """The port on 127.0.0.1 that leads to the server's own port 22."""
        return self.checkout.port(self.name)


class Kind(Protocol):
    """What a machine module offers."""

    def ensure(self, server: Server, *, install: bool = False) -> None:
        """Have on this computer what a new server is made of; build what is not.

        With `install`, what this computer lacks for it is installed first.
        """

    def power(self, server: Server) -> Power:
        """Whether the server is on, off, or not there."""

    def up(self, server: Server) -> None:
        """Switch on a server that is off."""

    def down(self, server: Server) -> None:
        """Remove the server; saved states stay. Harmless when there is none."""

    def save(self, server: Server, state: str) -> None:
        """Shut the server down cleanly, keep its disk as `state`, switch it on."""

    def restore(self, server: Server, state: str) -> None:
        """Replace the server by a new one from a saved state, or from BARE."""

    def has(self, server: Server, state: str) -> bool:
        """Whether `state` is saved."""

    def forget(self, server: Server, state: str) -> None:
        """Delete a saved state. Harmless when there is none."""

    def states(self, server: Server) -> list[str]:
        """The names of the saved states."""

    def console(self, server: Server, *, tty: bool) -> list[str]:
        """The argv prefix that runs a command as root, with no ssh in between."""

    def shell(self, server: Server) -> list[str]:
        """The argv prefix that runs a command as root at this terminal."""

    def unreachable(self, server: Server, words: str) -> LabError:
        """The error for a server that labkit's ssh can't reach, of what ssh said."""

    def ssh_config(self, server: Server) -> str:
        """The ssh configuration of the hosts NAME (labkit) and NAME-front (learner)."""

    def offers(self, server: Server) -> frozenset[str]:
        """What a running server offers to checks, found by looking."""


def kind(name: str) -> Kind:
    """The kind of machine called `name`.

    Raises:
        LabError: when there is none.
    """
    if name not in KINDS:
        raise LabError(
            f"There is no kind of machine called '{name}'.",
            f"The kinds: {', '.join(KINDS)}.",
            f"./lab start 01 --on {FALLBACK}",
        )
    return cast(Kind, importlib.import_module(KINDS[name]))

"""What every command stands on: this checkout, its server, the lab under way."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import typer

from labkit import address, faults, journal, labs, machines
from labkit.address import Address
from labkit.checkout import Checkout
from labkit.console import note, say
from labkit.errors import LabError, ServerAbsent
from labkit.faults import Fault
from labkit.journal import Drill, ServerProgress
from labkit.labs import Lab
from labkit.machines import Server

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Session:
    """This checkout and one of its servers.

    `address` is where a rented one is, if this command was told.
    """

    checkout: Checkout
    server: Server
    address: Address | None = None

    @property
    def root(self) -> Path:
        """The repository."""
        return self.checkout.root

    def lab_under_way(self) -> Lab:
        """The lab that the server is in.

        Raises:
            ServerAbsent: when no lab was started.
            LabError: when the server is half-way there.
        """
        entry = journal.read(self.checkout).servers.get(self.server.name)
        if entry is None:
            raise ServerAbsent(
                "No lab is under way.",
                "There is no server yet: a lab begins with one.",
                "./lab start 01",
            )
        lab = labs.by_slug(self.root, entry.lab)
        if entry.phase == "starting":
            raise self._half_way(lab, drill=entry.drill is not None)
        return lab

    def _half_way(self, lab: Lab, *, drill: bool) -> LabError:
        where, again = f"the start of lab {lab.number}", f"./lab start {lab.number}"
        if drill:
            where = f"a drill on lab {lab.number}"
            again = "./lab reset, which brings that drill again"
        what = f"The server is half-way to {where}."
        if other := self.checkout.at_work():
            why = f"`lab {other}` is bringing it there."
            return LabError(what, why, "wait until that has ended, and repeat")
        return LabError(what, "Bringing it there was interrupted.", again)

    @property
    def drill(self) -> Drill | None:
        """The drill that the server is in."""
        entry = journal.read(self.checkout).servers.get(self.server.name)
        return entry.drill if entry else None

    def fault(self, lab: Lab) -> Fault | None:
        """The fault of the drill on `lab` that is under way, if one is.

        Raises:
            LabError: when this checkout does not have it any more.
        """
        return faults.named(lab, self.drill.fault) if self.drill else None

    @property
    def at_stake(self) -> str:
        """What is lost when the server is replaced, as a sentence."""
        entry = journal.read(self.checkout).servers.get(self.server.name)
        if entry and (entry.drill or entry.variant):
            return "The drill that is under way ends."
        return "What was not saved by a green check is lost."


def open_session(name: str = "lab", on: str | None = None) -> Session:
    """The session of a server: `on` chooses its kind, or a rented server, once."""
    checkout = Checkout(ROOT)
    entry = journal.read(checkout).servers.get(name)
    where = address.parse(on) if on and (":" in on or "@" in on) else None
    rented = machines.RENTED if where or checkout.address(name) else None
    kind_name = (
        (machines.RENTED if where else on)
        or (entry.kind if entry else rented)
        or _default_kind()
    )
    if on is not None:
        machines.kind(kind_name)  # says so when there is no such kind
    return Session(checkout, Server(checkout, name, kind_name), where)


def _default_kind() -> str:
    from labkit import doctor  # only now: Docker's library comes with it

    return doctor.default_kind()


@contextmanager
def half_way(
    session: Session,
    lab: Lab,
    where: str,
    again: str,
    drill: Drill | None = None,
    variant: str = "",
) -> Iterator[None]:
    """Keep record that the server is half-way to a lab until the block has ended.

    After Ctrl-C, say that it is half-way to `where`, and the command `again`.
    """
    name, kind = session.server.name, session.server.kind_name
    with journal.change(session.checkout) as progress:
        progress.servers[name] = ServerProgress(
            kind, lab.slug, "starting", drill, variant=variant
        )
    with on_interrupt(f"The server is half-way to {where}.", again):
        yield
    with journal.change(session.checkout) as progress:
        progress.servers[name].phase = "ready"
        progress.looked(name, lab.slug).failing = None


def confirm(question: str, *, yes: bool) -> None:
    """Ask before something of the learner's is given up.

    Raises:
        typer.Exit: (1) when the answer is no.
        LabError: when there is nobody to ask.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise LabError(
            f"{question} Nobody is there to answer.",
            "Standard input is not a terminal.",
            "repeat the command with --yes if you are sure",
        )
    say(question)
    if not typer.confirm("Go on?"):
        say("Nothing was changed.")
        raise typer.Exit(1)


@contextmanager
def on_interrupt(what: str, next: str) -> Iterator[None]:
    """Say what Ctrl-C has left behind and how to go on; then stop as asked."""
    try:
        yield
    except KeyboardInterrupt:
        note(f"Stopped. {what}")
        note(f"Next: {next}", style="bold")
        raise

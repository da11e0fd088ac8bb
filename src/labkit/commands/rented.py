"""A rented server: prepared when its owner agrees, changed only after a question.

It has no snapshots, so labs follow one another on it and none is taken back.
"""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import typer

from labkit import checkfiles, journal, labs, owner, scripts, servers, states
from labkit.address import Address
from labkit.commands.session import Session, confirm, half_way, on_interrupt
from labkit.console import note, say, step
from labkit.errors import HostKeyChanged, LabError, ScriptFailed, ServerAbsent
from labkit.journal import ServerProgress
from labkit.labs import Lab
from labkit.machines import ssh as machine

_DISTURBANCES = {
    "data": "changes data for a moment",
    "restart": "restarts a service",
    "reboot": "reboots the server",
}


@dataclass(frozen=True)
class Step:
    """A script of a lab that runs on the server: start.sh or solve.sh."""

    lab: Lab
    script: str

    @property
    def place(self) -> str:
        """Where the script is, below the repository."""
        top = "labs" if self.script == "start.sh" else "solutions"
        return f"{top}/{self.lab.name}/{self.script}"


def start(
    session: Session, lab: Lab, entry: ServerProgress | None, *, solve: bool, yes: bool
) -> bool:
    """Bring the rented server to a lab's start, from where it is.

    With `solve`, the reference solves on the way what the lab starts from. Returns
    False where the lab was under way already.

    Raises:
        LabError: when the server is somewhere from which no way leads there.
    """
    address = _address(session)
    if entry and entry.lab == lab.slug and entry.phase == "ready" and _opens(session):
        say(f"Lab {lab.number} is under way on {address}; nothing on it was changed.")
        return False
    if _opens(session):
        steps = way(session, lab, entry, solve=solve)
        _announce(steps, lab)
        confirm("Shall labkit go on with your server?", yes=yes)
    else:
        steps = _prepare(session, address, lab, entry, solve=solve, yes=yes)
    for one in steps:
        _take(session, one)
    if not steps or steps[-1] != Step(lab, "start.sh"):
        with half_way(session, lab, *_half(lab)):
            pass
    with journal.change(session.checkout) as progress:
        begun = progress.of(lab.slug)
        begun.started = begun.started or datetime.now(UTC)
    return True


def _address(session: Session) -> Address:
    """Where the server is: as --on says, or as it was.

    Raises:
        LabError: when neither says, or they differ.
    """
    known = session.checkout.address(session.server.name)
    if session.address and known and session.address != known:
        raise LabError(
            f"Your rented server is {known}.",
            "A checkout works with one server at a time, and takes away what it added "
            "before it turns to another.",
            "./lab down (with --forget where that server is gone), then repeat",
        )
    address = session.address or known
    if address is None:
        raise ServerAbsent(
            "labkit does not know where your rented server is.",
            "None is prepared for this checkout.",
            "./lab start 01 --on ssh://root@ADDRESS",
        )
    return address


def _opens(session: Session) -> bool:
    """Whether the server is prepared and lets labkit in.

    Raises:
        LabError: when it should and does not, and --on has not named it anew.
    """
    server = session.server
    known = session.checkout.address(server.name)
    if known is None or not servers.ssh_config(server).exists():
        return False  # or preparing it was cut short
    try:
        with servers.connected(server):
            return True
    except HostKeyChanged:
        raise  # whoever is there now, the reader first has to say that they know
    except LabError:
        if session.address:
            return False
        raise


def way(
    session: Session, lab: Lab, entry: ServerProgress | None, *, solve: bool
) -> list[Step]:
    """The scripts that lead from where the server is to the lab's start.

    Raises:
        LabError: when it would take a snapshot, or solving that nobody asked for.
    """
    chain = states.chain(session.root, lab)
    slugs = [one.slug for one in chain]
    if entry and entry.lab not in slugs:
        here = labs.by_slug(session.root, entry.lab)
        raise LabError(
            f"Your server is in lab {here.number}, from which no way leads to lab "
            f"{lab.number}.",
            "A rented server has no snapshots: labs follow one another on it, and none "
            "is taken back.",
            f"go on with lab {here.number}, or {_anew(session, lab)}",
        )
    steps = [
        Step(one, script)
        for one in chain
        for script in ("start.sh", "solve.sh")
        if script == "solve.sh" or (one.path / "start.sh").exists()
    ]
    steps.pop()  # the lab's own solution
    if entry:
        here = chain[slugs.index(entry.lab)]
        done = [Step(one, "") for one in chain[: slugs.index(entry.lab)]]
        behind = {one.lab.slug for one in done}
        behind |= {here.slug} if entry.solved else set()
        steps = [one for one in steps if one.lab.slug not in behind]
        if entry.phase == "ready":
            steps = [one for one in steps if one != Step(here, "start.sh")]
    unsolved = [one.lab for one in steps if one.script == "solve.sh"]
    if unsolved and not solve:
        raise LabError(
            f"Lab {lab.number} starts from a server on which lab {unsolved[-1].number} "
            f"is solved, and on yours lab {unsolved[0].number} is not.",
            "A rented server has no snapshots, so labs follow one another on it.",
            "./lab check; or solve by the reference what is missing: ./lab catch-up "
            f"{lab.number}"
            if entry
            else f"./lab start {unsolved[0].number} --on {_address(session)}, and from "
            f"there, to solve it by the reference: ./lab catch-up {lab.number}",
        )
    return steps


def _anew(session: Session, lab: Lab) -> str:
    address = _address(session)
    return (
        "rebuild the server on the provider's page, then ./lab down --forget and "
        f"./lab start {lab.number} --on {address}"
    )


def _announce(steps: Iterable[Step], lab: Lab) -> None:
    """Say which scripts run, and what the lab will have changed in the end."""
    for one in steps:
        say(f"labkit runs {one.place} there.")
    for solved in [one.lab for one in steps if one.script == "solve.sh"]:
        changes(solved)
    changes(lab)


def changes(lab: Lab) -> None:
    """Say what solving a lab touches on the server."""
    say(f"Lab {lab.number}, {lab.file.title}, changes on the server when it is solved:")
    for path in lab.file.changes:
        say(f"  {path}")


def _prepare(
    session: Session,
    address: Address,
    lab: Lab,
    entry: ServerProgress | None,
    *,
    solve: bool,
    yes: bool,
) -> list[Step]:
    """Make the server a lab server, once its owner agrees.

    Returns the scripts that lead from there to the lab's start.
    """
    again = "./lab start again; or ./lab down, which takes away what was added"
    note(f"Looking at {address} ...")
    # One connection for all: what is prepared is what was looked at.
    with owner.connected(address) as (way_in, known):
        seen = owner.look(way_in, known)
        owner.fit(address, seen)
        # Without the marker it is a new server, whatever was done on one before it.
        steps = way(session, lab, entry if seen.marker else None, solve=solve)
        _tell(address, seen)
        _announce(steps, lab)
        confirm(f"Make {address} a lab server?", yes=yes)
        session.checkout.set_address(session.server.name, address)
        servers.ssh_config(session.server).unlink(missing_ok=True)
        with (
            no_reset(again),
            on_interrupt("The server is half-way prepared.", again),
            step("Preparing the server (1 to 3 minutes)"),
        ):
            host_key = owner.prepare(way_in, session.checkout)
    servers.know(session.server, host_key)
    with (
        step("Logging in with labkit's own account"),
        servers.connected(session.server),
    ):
        pass
    return steps


def _tell(address: Address, seen: owner.Look) -> None:
    """What a server is, and what preparing it adds."""
    if seen.marker:
        say(f"{address} is a lab server, and not yet this checkout's.", "bold")
        say("Another checkout's labkit, if there is one, is let in no more.")
    else:
        say(f"{address} is a {seen.name} and no lab server yet.", "bold")
    if seen.fingerprint:
        say(f"Its host key, not seen before: {seen.fingerprint}")
        say("The provider's page shows the same one, if it is your server.")
    say("Preparing it adds:")
    say(f"  packages: {', '.join(seen.lacks) or 'none, all are there'}")
    say("  the account labkit with sudo, which only a key of this checkout opens")
    say("  /opt/lab, the service labkit-visitor and its network interface visitor0")
    say("  a second key of this checkout for root, with which ./lab shell logs in")
    say("Nothing else is touched, and ./lab down takes all of it away again.")
    say(
        "The labs close ports, change how one logs in, and break things: take a server "
        "on which there is nothing that you would miss."
    )


def _half(lab: Lab) -> tuple[str, str]:
    return f"the start of lab {lab.number}", f"./lab start {lab.number}"


def _take(session: Session, one: Step) -> None:
    """Run a script on the way, and keep record of how far the server is."""
    if one.script == "start.sh":
        with half_way(session, one.lab, *_half(one.lab)):
            _run(session, one)
        return
    if not (one.lab.path / "start.sh").exists():
        with half_way(session, one.lab, *_half(one.lab)):
            pass
    _run(session, one)
    with journal.change(session.checkout) as progress:
        progress.servers[session.server.name].solved = True


@contextmanager
def no_reset(next: str) -> Iterator[None]:
    """Say what to do after a script that failed, where no reset is to be had."""
    try:
        yield
    except ScriptFailed as error:
        error.next = next
        raise


def _run(session: Session, one: Step) -> None:
    directory = one.lab.path if one.script == "start.sh" else one.lab.solution
    with (
        step(f"Running {one.place}"),
        no_reset("look: ./lab shell; then repeat the command"),
        servers.connected(session.server) as connection,
    ):
        scripts.run(connection, directory, one.script)


def no_snapshots(session: Session, lab: Lab | None, what: str) -> LabError:
    """The error for what would need a saved state: `what` can't be done."""
    entry = journal.read(session.checkout).servers.get(session.server.name)
    here = lab or (labs.by_slug(session.root, entry.lab) if entry else None)
    on = (
        f"go on with lab {here.number}: ./lab check, or ./lab solve; or "
        if here
        else ""
    )
    return LabError(
        what,
        "A rented server has no snapshots, so there is no earlier state of it to go "
        "back to. Nothing on it was changed.",
        on + _anew(session, here or labs.all_labs(session.root)[0]),
    )


def declined(lab: Lab, given: list[str], *, quiet: bool, yes: bool) -> list[str]:
    """Ask once whether the checks that disturb the server may do so.

    Returns what is declined. Where nobody can be asked, everything is.
    """
    marked = [
        (mark[0], check.promise)
        for check in checkfiles.of(lab)
        if (mark := check.marks.get("disturbs")) and mark[0] not in given
    ]
    if not marked or yes:
        return given
    everything = [*given, *_DISTURBANCES]
    if quiet or not sys.stdin.isatty():
        note("The checks that disturb a rented server are left out; --yes runs them.")
        return everything
    say("Some checks disturb the server:")
    for what, promise in marked:
        say(f"  {promise} (The check {_DISTURBANCES[what]}.)")
    return given if typer.confirm("Run them as well?") else everything


def down(session: Session, *, forget: bool, yes: bool) -> None:
    """Take away from the rented server what labkit has added, or forget it."""
    server = session.server
    address = _address(session)
    if forget:
        confirm(
            f"Forget {address}? What labkit has added there stays there: its account, "
            "which this checkout's key opens, above all.",
            yes=yes,
        )
        machine.forget_server(server)
        say(f"Forgotten: {address}. Your progress stays.")
        say("Next: ./lab")
        return
    confirm(
        f"Take away from {address} what labkit has added? What you have built there "
        "yourself stays, and so does the server: giving it back is between you and "
        "its provider.",
        yes=yes,
    )
    with step("Taking away what provision.sh added"):
        stay = machine.withdraw(server)
    machine.forget_server(server)
    say(f"{address} is no lab server any more. Your progress stays.")
    if stay:
        say(f"These packages stay, since something needs them now: {', '.join(stay)}.")
    say("Next: ./lab")

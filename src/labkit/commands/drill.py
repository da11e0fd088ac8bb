"""break: a fault on a solved server, of which the learner gets the symptom."""

import random

from labkit import drills, faults, journal, labs, servers
from labkit.commands import rented
from labkit.commands.session import Session, confirm, half_way
from labkit.console import say, step
from labkit.errors import LabError
from labkit.faults import Fault
from labkit.journal import Drill
from labkit.labs import Lab
from labkit.machines import BARE


def begin(
    session: Session,
    wanted: str | None,
    name: str | None,
    *,
    seed: int | None,
    yes: bool,
) -> None:
    """Break a lab's solved server by the fault called `name`, or by one at random.

    Raises:
        LabError: when there is no such lab or fault, or none for this machine.
    """
    with session.checkout.working("break"):
        if session.server.rented:
            raise rented.no_snapshots(
                session, None, "No drill can be had on a rented server."
            )
        lab = _lab(session, wanted, seed)
        asked = faults.named(lab, name) if name else None
        if asked and not asked.fails:
            raise LabError(
                f"The fault '{asked.name}' breaks nothing.",
                "It is a decoy, which shows that the checks accept it.",
                f"./lab break {lab.number}, for another",
            )
        session.server.kind.ensure(session.server)
        possible = _possible(session, lab, [asked] if asked else drills.of(lab))
        before = session.drill
        names = [fault.name for fault in possible]
        name, seed = chosen(names, seed, before.fault if before else None)
        fault = faults.named(lab, name)
        if session.server.kind.power(session.server) != "absent":
            confirm(
                f"Replace your server by a solved one of lab {lab.number} on which "
                f"something is broken? {session.at_stake}",
                yes=yes or (before is not None and before.mended) or _unknown(session),
            )
        _bring(session, lab, fault, Drill(fault=fault.name))
        _tell(session, lab, fault)
        if not asked:
            say(f"For the same one again: ./lab break {lab.number} --seed {seed}")


def again(session: Session, drill: Drill, *, yes: bool) -> None:
    """Bring back the server of the drill that is under way, as it was broken."""
    entry = journal.read(session.checkout).servers[session.server.name]
    lab = labs.by_slug(session.root, entry.lab)
    fault = faults.named(lab, drill.fault)
    confirm(
        "Begin this drill again? What you have done on its server is lost.",
        yes=yes or drill.mended,
    )
    session.server.kind.ensure(session.server)
    _bring(session, lab, fault, Drill(fault=fault.name, hints=drill.hints))
    _tell(session, lab, fault)


def back(session: Session, lab: Lab) -> str:
    """The way out of a drill: to the learner's own solved server, if there is one."""
    saved = session.server.kind.states(session.server)
    if any(one.own in saved for one in labs.all_labs(session.root)):
        return "Your own solved server: ./lab resume"
    if lab.file.variants:
        return "All labs: ./lab"
    return f"The lab itself: ./lab start {lab.number}"


def _lab(session: Session, wanted: str | None, seed: int | None) -> Lab:
    """The lab to drill: the named one, that of the server, or one of the solved."""
    if wanted:
        return labs.find(session.root, wanted)
    progress = journal.read(session.checkout)
    entry = progress.servers.get(session.server.name)
    if entry and (entry.drill or progress.of(entry.lab).solved):
        return labs.by_slug(session.root, entry.lab)
    every = labs.all_labs(session.root)
    solved = [lab for lab in every if progress.of(lab.slug).solved]
    if not solved:
        raise LabError(
            "You have solved no lab yet.",
            "A drill breaks something on the solved server of a lab, so it shows "
            "the reference solution as well.",
            f"./lab start {every[0].number}; or, of a lab all the same: "
            f"./lab break {every[0].number}",
        )
    return random.Random(seed).choice(solved)


def _possible(session: Session, lab: Lab, wanted: list[Fault]) -> list[Fault]:
    """Those faults whose checks can be run on this machine.

    Raises:
        LabError: when there is none.
    """
    server = session.server
    if any(drills.needs(lab, fault) for fault in wanted):
        with step("Looking at what this machine offers"):
            if (power := server.kind.power(server)) != "on":
                servers.bring_up(server, BARE if power == "absent" else None)
            offers = server.kind.offers(server)
        wanted = [fault for fault in wanted if drills.needs(lab, fault) <= offers]
    if not wanted:
        raise LabError(
            f"There is no such drill on lab {lab.number} on this machine.",
            "The machine lacks what the check needs that would tell when it is "
            "mended, or the lab has no fault.",
            f"./lab break {lab.number}, or ./lab break with another lab",
        )
    return wanted


def chosen(names: list[str], seed: int | None, before: str | None) -> tuple[str, int]:
    """One of the names and its seed; without one, not that which was there before."""
    while True:
        number = random.randrange(10_000) if seed is None else seed
        name = random.Random(number).choice(names)
        if seed is not None or len(names) == 1 or name != before:
            return name, number


def _unknown(session: Session) -> bool:
    """Whether the server is none that a lab has begun with, or half-way to one."""
    entry = journal.read(session.checkout).servers.get(session.server.name)
    return entry is None or entry.phase == "starting"


def _bring(session: Session, lab: Lab, fault: Fault, drill: Drill) -> None:
    with half_way(session, lab, "a drill", "./lab reset", drill):
        drills.break_down(session.root, session.server, lab, fault)


def _tell(session: Session, lab: Lab, fault: Fault) -> None:
    say(f"A drill on lab {lab.number}: something is broken on a solved server.", "bold")
    say()
    say(f"  {fault.symptom}")
    say()
    say("Find the cause and mend it, so that it stays mended after a reboot.")
    say("Log in:      ./lab shell (as root at the console: ./lab shell --console)")
    say("Check:       ./lab check, or ./lab hint")
    say("Once more:   ./lab reset. What it was: ./lab solve")
    say(back(session, lab))

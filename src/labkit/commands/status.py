"""Without a command: where the learner is, and what is next."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from labkit import journal, labs
from labkit.commands.session import Session
from labkit.console import say
from labkit.errors import LabError
from labkit.faults import Fault
from labkit.journal import LabProgress, Progress, ServerProgress
from labkit.labs import Lab


def status(session: Session) -> None:
    """Say where the learner is and what is next."""
    progress = journal.read(session.checkout)
    entry = progress.servers.get(session.server.name)
    # Each of these two answers takes as long as all the rest.
    with ThreadPoolExecutor(2) as aside:
        kept = aside.submit(_kept, session, list(progress.labs.values()))
        asked = (
            aside.submit(session.server.kind.power, session.server) if entry else None
        )
        every = labs.all_labs(session.root)
        _say_labs(every, progress, entry)
    if saved := [lab.number for lab in every if lab.own in kept.result()]:
        say()
        say(f"Your own solved servers (./lab resume NN): {', '.join(saved)}")
    say()
    if entry is None or asked is None:
        _say_next_lab(every, progress, after="")
        return
    lab = session.lab_under_way()
    power = asked.result()
    where = session.checkout.address(session.server.name)
    what = f"rented, {where}" if where else f"a {session.server.kind_name} machine"
    say(f"The server is {power}; it is {what}.")
    if power == "absent":
        say(f"Next: ./lab start {lab.number}", "bold")
    elif power == "off":
        say("Next: ./lab start", "bold")
    elif fault := session.fault(lab):
        _say_drill(session, lab, fault)
    elif progress.of(lab.slug).failing:
        say("Next: ./lab shell, ./lab check, or ./lab hint", "bold")
    elif progress.of(lab.slug).failing == []:
        _say_next_lab(every, progress, after=lab.number)
    else:
        say(f"Next: labs/{lab.name}/README.md, ./lab shell, ./lab check", "bold")


def _say_labs(
    every: Sequence[Lab], progress: Progress, entry: ServerProgress | None
) -> None:
    say("The Open Box: deploy Django on a server you understand", "bold")
    lines = []
    for lab in every:
        words = "<- a drill" if entry and entry.drill else "<- your server is here"
        here = words if entry and entry.lab == lab.slug else ""
        lines.append(
            f" {lab.number}  {_state(progress, lab):8} {lab.file.title} {here}"
        )
    say("\n" + "\n".join(lines))


def _say_next_lab(every: Sequence[Lab], progress: Progress, *, after: str) -> None:
    todo = [lab for lab in every if not progress.of(lab.slug).solved]
    later = [lab for lab in todo if lab.number > after]
    if todo:
        say(f"Next: ./lab start {(later or todo)[0].number}", "bold")
    else:
        say("You have solved every lab there is.")


def _kept(session: Session, begun: Sequence[LabProgress]) -> list[str]:
    """The states that are kept, where one may be the learner's own solved server."""
    if not any(one.solved for one in begun):
        return []
    try:
        return session.server.kind.states(session.server)
    except LabError:  # no Docker, say: nothing that could be brought back
        return []


def _say_drill(session: Session, lab: Lab, fault: Fault) -> None:
    from labkit.commands import drill  # only now: few are in one

    if session.drill and session.drill.mended:
        say(f"The drill on lab {lab.number} is mended. It was: {fault.title}.")
        say(f"Next: ./lab break, for another. {drill.back(session, lab)}", "bold")
    else:
        say(f"A drill on lab {lab.number} is under way: {fault.symptom}")
        say("Next: ./lab shell, ./lab check, or ./lab hint", "bold")


def _state(progress: Progress, lab: Lab) -> str:
    known = progress.of(lab.slug)
    return "solved" if known.solved else "begun" if known.started else "-"

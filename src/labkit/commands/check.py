"""check: run a lab's checks, say what was found, keep a solved server."""

import importlib
import sys
import textwrap
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import typer
from msgspec.structs import asdict

from labkit import files, journal, servers, variants
from labkit.commands.session import Session, on_interrupt
from labkit.console import WIDTH, note, say, step
from labkit.faults import Fault
from labkit.journal import Drill
from labkit.labs import Lab
from labkit.report import CheckResult, Outcome, Report
from labkit.ssh import Connection

STYLES = {
    "pass": "green",
    "fail": "bold red",
    "blocked": "yellow",
    "not run": "yellow",
    "error": "bold magenta",
}
WORDS: dict[Outcome, str] = {
    "pass": "passed",
    "fail": "failed",
    "blocked": "blocked",
    "not run": "not run",
    "error": "could not be looked at",
}


class Teller:
    """Says each result as it comes: the first failure in full, the rest in a line.

    `declined` is said in place of the reason of a check that was declined.
    """

    def __init__(self, declined: str = "") -> None:
        self._told = False
        self._declined = declined

    def __call__(self, result: CheckResult) -> None:
        """Say one result."""
        say(line(result), STYLES[result.outcome])
        if result.message and not self._told:
            self._told = True
            for part, text in asdict(result.message).items():
                tell(f"{part.capitalize()}:", text)
        elif result.message:
            tell("Found:", result.message.found)
        elif result.reason:
            said = self._declined if result.declined else ""
            tell("", said or result.reason)


def tell(label: str, text: str) -> None:
    """Print a sentence below its check, with its label before it."""
    indent = " " * 10
    label = f"{label:8}" if label else ""
    hanging = indent + " " * len(label)
    say(
        textwrap.fill(
            text, WIDTH, initial_indent=indent + label, subsequent_indent=hanging
        )
    )


def line(result: CheckResult) -> str:
    """One result: the outcome as a word, then the promise."""
    outcome = "FAIL" if result.outcome == "fail" else result.outcome
    hanging = " " * 10
    return textwrap.fill(
        result.promise, WIDTH, initial_indent=f" {outcome:9}", subsequent_indent=hanging
    )


def check(
    session: Session,
    *,
    as_json: bool,
    debug: bool,
    decline: list[str],
    yes: bool,
) -> int:
    """Run the checks of the lab under way once. Returns the exit code: 0 all
    green, 1 not all, 2 the server could not be looked at."""
    with session.checkout.working("check"):
        lab = session.lab_under_way()
        fault = session.fault(lab)
        if not as_json:
            what = f"a drill. {fault.symptom}" if fault else lab.file.title
            say(f"Lab {lab.number}: {what}", "bold")
        if session.server.rented:
            from labkit.commands import rented  # only now, as in record

            decline = rented.declined(lab, decline, quiet=as_json, yes=yes)
        heard = None if as_json else Teller()
        report = look(session, lab, decline=decline, debug=debug, heard=heard)
        if fault:
            report.drill = True
            remember(session, lab, report)
        else:
            record(session, lab, report, quiet=as_json, yes=yes)
        if as_json:
            print(files.as_json(report))
        else:
            conclude(session, lab, report, fault)
        return exit_code(report)


def look(
    session: Session,
    lab: Lab,
    *,
    decline: list[str] | tuple[str, ...] = (),
    debug: bool = False,
    heard: Callable[[CheckResult], None] | None = None,
) -> Report:
    """Run a lab's checks on the session's server; `heard` gets each result."""
    with (
        on_interrupt("The checks were not finished; nothing was kept.", "./lab check"),
        ThreadPoolExecutor(1) as aside,
    ):
        # The slowest import of all goes on while the connection opens.
        importing = aside.submit(importlib.import_module, "labkit.checks.run")
        with servers.connected(session.server) as connection:
            importing.result()
            return over(
                connection, session, lab, decline=decline, debug=debug, heard=heard
            )


def over(
    connection: Connection,
    session: Session,
    lab: Lab,
    *,
    decline: list[str] | tuple[str, ...] = (),
    debug: bool = False,
    heard: Callable[[CheckResult], None] | None = None,
) -> Report:
    """Run a lab's checks over a connection that is open already."""
    from labkit.checks import run  # only now: pytest comes with it

    return run.run(
        lab,
        session.server,
        session.server.kind_name,
        connection,
        heard=heard or (lambda result: None),
        options=tuple(f"--decline={what}" for what in decline),
        debug=debug,
    )


def remember(session: Session, lab: Lab, report: Report) -> None:
    """Keep what the next hint and the status need to know."""
    with journal.change(session.checkout) as progress:
        entry = progress.looked(session.server.name, lab.slug)
        entry.failing = [
            result.name
            for result in report.checks
            if result.outcome in ("fail", "blocked", "error")
        ]
        if isinstance(entry, Drill):
            entry.mended = report.solved or (entry.mended and not entry.failing)
        elif report.solved:
            progress.of(lab.slug).solved = datetime.now(UTC)


def record(
    session: Session, lab: Lab, report: Report, *, quiet: bool, yes: bool
) -> None:
    """Keep what was found, and a solved server itself, unless it was the reference's
    with something broken: nothing of the learner's own is on that."""
    remember(session, lab, report)
    if not report.solved:
        return
    if not session.server.rented and not lab.file.variants:
        if not _may_save(session, lab, quiet=quiet, yes=yes):
            return
        with (
            on_interrupt("This solved server was not saved.", "./lab check"),
            step("All green. Saving this server as yours (it restarts once)"),
        ):
            servers.save(session.server, lab.own)
    with journal.change(session.checkout) as progress:
        progress.servers[session.server.name].solved = True


def _may_save(session: Session, lab: Lab, *, quiet: bool, yes: bool) -> bool:
    """Whether this server may become the learner's saved one: where another solved
    server of this lab is saved already, not unasked."""
    server = session.server
    entry = journal.read(session.checkout).servers[server.name]
    if yes or entry.solved or lab.own not in server.kind.states(server):
        return True
    if not quiet and sys.stdin.isatty():
        say("All green. Your saved server of this lab is another one.")
        if typer.confirm("Replace it by this one?"):
            return True
    note(
        f"Your saved server of lab {lab.number} stays as it was. "
        "To replace it by this one: ./lab check --yes"
    )
    return False


def conclude(session: Session, lab: Lab, report: Report, fault: Fault | None) -> None:
    """The last lines: how many of each outcome, and what is next."""
    counts = [
        f"{report.count(outcome)} {word}"
        for outcome, word in WORDS.items()
        if report.count(outcome)
    ]
    say()
    say(f"{', '.join(counts)}, in {report.seconds:.1f} s.")
    if report.solved and fault:
        from labkit.commands import drill  # only now, as in record

        say(f"Mended. It was: {fault.title}.", "bold green")
        say(f"Next: ./lab break, for another. {drill.back(session, lab)}")
    elif report.solved:
        say(f"Lab {lab.number} is solved.", "bold green")
        if lab.file.variants:
            from labkit.commands import drill  # only now, as in record

            entry = journal.read(session.checkout).servers[session.server.name]
            say(f"It was: {variants.named(lab, entry.variant).title}.")
            say(f"Another cause: ./lab start {lab.number}. {drill.back(session, lab)}")
        else:
            say("Next: ./lab")
    elif report.count("error"):
        say("An error says nothing about your work: the server could not be looked at.")
        say("Next: ./lab check --debug", "bold")
    elif report.count("fail"):
        say("Next: ./lab hint", "bold")
    else:
        say("Next: ./lab check, with nothing declined", "bold")


def exit_code(report: Report) -> int:
    """0 when solved, 2 when a check ended in an error, 1 otherwise."""
    if report.solved:
        return 0
    return 2 if report.count("error") else 1

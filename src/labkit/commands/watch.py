"""check --watch: run the checks again whenever something has happened on the server."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime

from labkit import activity, servers
from labkit.commands import check
from labkit.commands.session import Session, on_interrupt
from labkit.console import note, say
from labkit.errors import Busy, LabError
from labkit.labs import Lab
from labkit.report import CheckResult, Report

# What checks change on the server while watching: nothing.
CALM = ("data", "restart", "reboot")
# What no process of the server's did, a clock's turn say, is seen after so long.
SECONDS = 60


class Changes:
    """Says each result that is not what it was before, as it comes."""

    def __init__(self) -> None:
        self._first = check.Teller("it disturbs the server: at the end")
        self._before: dict[str, str] = {}
        self._told_all = False

    def __call__(self, result: CheckResult) -> None:
        """Say one result, if it is new."""
        before = self._before.get(result.name)
        self._before[result.name] = result.outcome
        if not self._told_all:
            self._first(result)
        elif result.outcome != before:
            clock = datetime.now().strftime("%H:%M:%S")
            say(f"{clock}\n{check.line(result)}", check.STYLES[result.outcome])
            if result.message:
                check.tell("Found:", result.message.found)
            elif result.reason:
                check.tell("", result.reason)

    def over(self) -> None:
        """All results have been told once."""
        self._told_all = True


def watch(session: Session) -> int:
    """Repeat the checks and say what changed, until all are green or Ctrl-C.

    Checks that disturb the server wait until all the others pass.
    """
    note("Watching; Ctrl-C ends it.")
    changes = Changes()
    with on_interrupt("The server is as you left it.", "./lab check"):
        for lab, report in looks(session, changes):
            changes.over()
            check.remember(session, lab, report)
            if all(r.outcome in ("pass", "not run") for r in report.checks):
                break
    say("What can be seen without disturbing the server is green.")
    return check.check(session, as_json=False, debug=False, decline=[], yes=False)


def looks(
    session: Session, heard: Callable[[CheckResult], None]
) -> Iterator[tuple[Lab, Report]]:
    """Run the checks of the lab under way, now and whenever something has happened.

    One connection serves for all, and is opened anew when it is lost, or when another
    lab, a reset say, has been at work.

    Raises:
        LabError: when there is no server to look at.
    """
    while True:
        _wait_for_others(session)
        with (
            servers.connected(session.server) as connection,
            activity.on(connection) as moves,
        ):
            before = moves.begin()
            if before is None:
                raise LabError(
                    "The server can't be watched.",
                    "The program that sees what happens there did not start. It needs "
                    "python3, as the checks do.",
                    "./lab check --debug",
                )
            while before is not None:
                try:
                    with _working(session):
                        lab = session.lab_under_way()
                        report = check.over(
                            connection, session, lab, decline=CALM, heard=heard
                        )
                except Busy:
                    break
                yield lab, report
                now = moves.begin()
                # What somebody did meanwhile, a check may have missed.
                if now == before:
                    moves.wait(SECONDS)
                before = now


def _working(session: Session) -> AbstractContextManager[None]:
    return session.checkout.working("check --watch")


def _wait_for_others(session: Session) -> None:
    told = False
    while True:
        try:
            with _working(session):
                return
        except Busy as error:
            if not told:
                note(f"{error.what} Watching goes on when it has ended.")
            told = True
            time.sleep(0.5)

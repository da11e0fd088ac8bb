"""demo and test: the whole loop once, and every test of this repository."""

import subprocess
import sys
from pathlib import Path

from labkit import image, labs, scripts, servers, states
from labkit.commands.check import Teller, look
from labkit.commands.session import Session, on_interrupt
from labkit.console import say, step
from labkit.errors import LabError


def demo(session: Session, *, install: bool) -> None:
    """Bring up a server, show lab 01 red, apply its solution, show it green.

    Raises:
        LabError: when the lab does not behave so.
    """
    lab = labs.find(session.root, "01")
    server = session.server
    kind = server.kind
    with session.checkout.working("demo"):
        kind.ensure(server, install=install)
        try:
            with on_interrupt("The demo's server is being removed.", "./lab demo"):
                say(f"1. A server at the start of lab {lab.number}", "bold")
                states.to_start(session.root, server, lab)
                say(
                    f"2. The checks of lab {lab.number}: red, nothing is done yet",
                    "bold",
                )
                before = look(session, lab, heard=Teller())
                say("3. The reference solution, applied over ssh", "bold")
                with (
                    step(f"Running solutions/{lab.name}/solve.sh"),
                    servers.connected(server) as connection,
                ):
                    scripts.run(connection, lab.solution, "solve.sh")
                say("4. The same checks again: green", "bold")
                after = look(session, lab, heard=Teller())
        finally:
            with step("Removing the demo's server"):
                kind.down(server)
    if before.solved or not after.solved:
        raise LabError(
            "The demo did not go from red to green.",
            f"Before: {before.count('pass')} of {len(before.checks)} checks passed; "
            f"after: {after.count('pass')}.",
            "report it, with the output above",
        )
    say()
    say(
        f"{before.count('fail')} failed before, {after.count('pass')} pass now.",
        "bold green",
    )
    say(f"Now you: read book/{lab.name}.md, then ./lab start {lab.number}", "bold")


def test(session: Session, arguments: list[str], *, install: bool) -> int:
    """Run every test of the repository; returns pytest's exit code."""
    if install:
        image.set_up_computer("ssh", "docker", "browser", "spelling", "vm", "box")
    with session.checkout.working("test"):
        image.ensure(install=install)
    sys.stdout.flush()
    # All tests are groups, of which two can run at once (tests/conftest.py).
    both = () if _named(arguments) else ("-n", "2")
    argv = [sys.executable, "-m", "pytest", *both, *arguments]
    return subprocess.run(argv, cwd=session.root).returncode


def _named(arguments: list[str]) -> bool:
    """Whether pytest is asked for some of the tests, not for all."""
    return any(a in ("-k", "-m") or Path(a.split("::")[0]).exists() for a in arguments)

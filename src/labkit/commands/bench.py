"""dev bench: what waiting costs a learner, as ratios measured in one run."""

import dataclasses
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from labkit import labs, servers, states
from labkit.commands.session import Session
from labkit.console import say, step
from labkit.labs import Lab

# Each way is measured this often, one after the other in turn.
ROUNDS = 5


def _seconds(action: Callable[[], object]) -> float:
    began = time.monotonic()
    action()
    return time.monotonic() - began


def bench(session: Session) -> None:
    """Measure on a server of its own and print a table."""
    session.server.kind.ensure(session.server)
    server, root = session.server, session.root
    lab = labs.find(root, "01")
    ordinary = dataclasses.replace(lab, path=Path(__file__).with_name("bench_checks"))
    say(f"Medians of {ROUNDS} rounds; seconds are those of the whole process.")
    with session.checkout.working("dev bench"):
        try:
            states.to_start(root, server, lab)
            again = [
                _seconds(lambda: states.to_start(root, server, lab))
                for _ in range(ROUNDS)
            ]
            rows = [
                ("15 ordinary checks", *_both(session, ordinary)),
                ("calm checks, at the start", *_both(session, lab, calm=True)),
                ("all checks, at the start", *_both(session, lab)),
            ]
            states.to_solved(root, server, lab)
            rows += [
                ("calm checks, solved", *_both(session, lab, calm=True)),
                ("all checks, solved", *_both(session, lab)),
            ]
        finally:
            server.kind.down(server)
    say(f"A server at the kept start of lab {lab.number}: {median(again):.1f} s")
    say(f"{f'Lab {lab.number}':26}{'lab check':>11}{'pytest ssh':>12}{'ratio':>8}")
    for name, ours, plain in rows:
        say(f"{name:26}{ours:11.2f}{plain:12.2f}{ours / plain:8.2f}")


def _both(session: Session, lab: Lab, *, calm: bool = False) -> tuple[float, float]:
    """Seconds of the same checks through labkit and through plain pytest."""
    decline = (
        ["--decline=data", "--decline=restart", "--decline=reboot"] if calm else []
    )
    ours = [sys.executable, "-m", "labkit.commands.check_once", session.server.name]
    config = servers.ssh_config(session.server)
    plain = [
        *(sys.executable, "-m", "pytest", str(lab.path), "-p", "labkit.checks.plugin"),
        *("-c", "/dev/null", f"--rootdir={session.root}", "-p", "no:cacheprovider"),
        *(f"--hosts=ssh://{session.server.name}", f"--ssh-config={config}"),
    ]

    # The kind is known, as it is to a learner's `lab check`, and not to be looked for.
    known = os.environ | {"LAB_ON": session.server.kind_name}

    def run(argv: list[str]) -> float:
        return _seconds(lambda: subprocess.run(argv, capture_output=True, env=known))

    rounds = []
    with step(f"{lab.path.name}, {'calm' if calm else 'all'} checks"):
        for _ in range(ROUNDS):
            rounds.append(
                (run([*ours, str(lab.path), *decline]), run([*plain, *decline]))
            )
    first, second = zip(*rounds, strict=True)
    return median(first), median(second)

"""dev bench: what waiting costs a learner, as ratios measured in one run."""

import dataclasses
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from labkit import image, labs, servers, states
from labkit.commands.session import Session
from labkit.console import say
from labkit.labs import Lab


def _seconds(action: Callable[[], object]) -> float:
    began = time.monotonic()
    action()
    return time.monotonic() - began


def bench(session: Session) -> None:
    """Measure on a server of its own and print a table."""
    image.ensure()
    server, root = session.server, session.root
    lab = labs.find(root, "01")
    with session.checkout.working("dev bench"):
        try:
            ready = _seconds(lambda: states.to_start(root, server, lab))
            again = _seconds(lambda: states.to_start(root, server, lab))
            ordinary = dataclasses.replace(
                lab, path=Path(__file__).with_name("bench_checks")
            )
            rows = [
                ("15 ordinary checks", *_both(session, ordinary)),
                (f"lab {lab.number}, calm checks", *_both(session, lab, calm=True)),
                (f"lab {lab.number}, all checks", *_both(session, lab)),
            ]
        finally:
            server.kind.down(server)
    say(
        f"A server at the start of lab {lab.number}: {ready:.1f} s, again {again:.1f} s"
    )
    say(f"{'seconds, whole process':26}{'lab check':>11}{'pytest ssh':>12}{'ratio':>8}")
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

    def run(argv: list[str]) -> float:
        return _seconds(lambda: subprocess.run(argv, capture_output=True))

    return run([*ours, str(lab.path), *decline]), run([*plain, *decline])

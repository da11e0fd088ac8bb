"""What an author waits for: the server's image, the site, the proof of a lab."""

import sys

from labkit import image, labs
from labkit.bench.record import Budget, Measured, Row
from labkit.bench.timing import process, seconds
from labkit.commands import prove
from labkit.commands.session import Session
from labkit.console import step
from labkit.engine import client

_COLD = "open-box/bench:cold"


def measure(session: Session) -> Measured:
    """Each once: they take minutes."""
    rows = _image() if session.server.kind_name == "docker" else []
    site = [sys.executable, "-m", "labkit", "book", "--build"]
    with step("Building the site"):
        rows.append(Row("the site", seconds(process(site)), "s"))
    lab, kind = labs.find(session.root, "01"), session.server.kind_name
    jobs = prove.DEFAULT_JOBS if kind == "docker" else 1
    (proof,) = prove.prove(session.checkout, kind, [lab], jobs).values()
    rows.append(Row(f"the proof of lab {lab.number}", proof.seconds, "s"))
    budgets = []
    if kind == "docker":
        what = f"the proof of lab {lab.number}, its start state being kept"
        budgets.append(Budget(what, proof.seconds, 90, "s"))
    return Measured(rows, budgets)


def _image() -> list[Row]:
    try:
        cold = seconds(lambda: image.build(name=_COLD, cached=False))
    finally:
        if client().images.list(_COLD):
            client().images.remove(_COLD, force=True)
    return [
        Row("the server's image, from Debian's base", cold, "s"),
        Row("the server's image, nothing changed", seconds(image.build), "s"),
    ]

"""dev bench: measure what waiting costs, keep the numbers, say which are too large."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from labkit import pages
from labkit.bench import (
    builds,
    checks,
    commands,
    footprint,
    growth,
    record,
    timing,
    waiting,
)
from labkit.bench.record import Measured, Part
from labkit.commands.session import Session, on_interrupt
from labkit.console import note, say
from labkit.errors import LabError

PARTS: dict[str, Callable[[Session], Measured]] = {
    "checks": checks.measure,
    "watch": waiting.measure,
    "commands": commands.measure,
    "growth": growth.measure,
    "footprint": footprint.measure,
    "builds": builds.measure,
}


def run(session: Session, names: Sequence[str]) -> int:
    """Measure the named parts, or all, on a server of their own; 1 when a budget is
    broken."""
    for name in names:
        if name not in PARTS:
            raise LabError(
                f"There is no part '{name}' of the bench.",
                f"The parts are: {', '.join(PARTS)}.",
                "./lab dev bench, which measures them all",
            )
    session.server.kind.ensure(session.server)
    root, kind = session.root, session.server.kind_name
    with (
        session.checkout.working("dev bench", lock="bench.lock"),
        on_interrupt("The parts that had ended were kept.", "./lab dev bench"),
    ):
        try:
            for name in names or PARTS:
                note(f"Measuring: {name}")
                part = Part(
                    datetime.now(UTC).date(),
                    timing.computer(),
                    timing.versions(),
                    PARTS[name](session),
                )
                known = record.read(root, kind)
                known.parts[name] = part
                record.write(root, known)
        finally:
            session.server.kind.down(session.server)
        pages.write(root)
    known = record.read(root, kind)
    broken = sum(tell(name, known.parts[name]) for name in names or PARTS)
    say(f"Written: book/bench.{kind}.json")
    if broken:
        say(f"Budgets broken: {broken}.", "bold red")
        return 1
    say("All budgets are kept.", "bold green")
    return 0


def tell(name: str, part: Part) -> int:
    """Say what a part has found: how many of its budgets are broken."""
    say(f"{name}, on {part.computer}", "bold")
    for row in part.measured.rows:
        say(f"  {row.what}: {record.number(row.value)} {row.unit}")
    for budget in part.measured.budgets:
        word = "kept  " if budget.kept else "BROKEN"
        say(
            f"  {word} {budget.what}: {record.number(budget.value)}, and at most "
            f"{record.number(budget.limit)} {budget.unit}",
            None if budget.kept else "bold red",
        )
    return sum(not budget.kept for budget in part.measured.budgets)

"""How a check run grows: with the number of checks, and with that of servers."""

import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from labkit import servers
from labkit.bench import checks
from labkit.bench.record import Budget, Curve, Measured, Plot, Row
from labkit.bench.timing import Way, side_by_side
from labkit.commands.session import Session
from labkit.console import step
from labkit.machines import BARE, Server

CHECKS = (10, 50, 100, 200)
SERVERS = (1, 5, 10, 20)
_ROUNDS = 3


def measure(session: Session) -> Measured:
    """Ten to two hundred ordinary checks, and one to twenty servers side by side."""
    servers.bring_up(session.server, BARE)
    by_checks = _by_checks(session)
    by_servers = [] if session.server.kind_name == "vagrant" else _by_servers(session)
    floor, ours = by_checks
    rows = [
        Row(f"one more check: {curve.what}", curve.slope * 1000, "ms")
        for curve in by_checks
    ]
    budgets = [
        Budget(
            "one more check in `lab check`, against one more in the floor",
            ours.slope * 1000,
            floor.slope * 1000,
            "ms",
        )
    ]
    plots = [Plot("Checks of one server", "checks", "seconds", by_checks)]
    if by_servers:
        plots.append(Plot("15 checks each", "servers", "seconds", by_servers))
        rows += [
            Row(f"one more server: {curve.what}", curve.slope, "s")
            for curve in by_servers
        ]
    return Measured(rows, budgets, plots)


def _by_checks(session: Session) -> list[Curve]:
    text = (checks.ORDINARY / "test_ordinary.py").read_text()
    points: dict[str, list[tuple[float, float]]] = {checks.FLOOR: [], checks.OURS: []}
    for many in CHECKS:
        with tempfile.TemporaryDirectory(prefix="labkit-") as directory:
            test = Path(directory, "test_ordinary.py")
            test.write_text(text.replace("range(15)", f"range({many})"))
            every = checks.ways(session, Path(directory))
            ways = {name: every[name] for name in points}
            for name, taken in side_by_side(f"{many} checks", ways, _ROUNDS).items():
                points[name].append((many, taken))
    return [Curve(name, found) for name, found in points.items()]


def _by_servers(session: Session) -> list[Curve]:
    """Fifteen checks on each of many servers, all of them at once."""
    kind = session.server.kind_name
    many = [Server(session.checkout, f"bench-{n}", kind) for n in range(SERVERS[-1])]
    try:
        with step(f"Bringing up {len(many)} servers"):
            for server in many:
                servers.bring_up(server, BARE)
        script = checks.script(session, checks.ORDINARY)
        found: dict[str, list[tuple[float, float]]] = {
            checks.FLOOR: [],
            checks.OURS: [],
        }
        for number in SERVERS:
            floors = [checks.floor(server, script) for server in many[:number]]
            ours = [checks.ours(server, checks.ORDINARY) for server in many[:number]]
            ways = {checks.FLOOR: _at_once(floors), checks.OURS: _at_once(ours)}
            title = f"{number} servers at once"
            for name, taken in side_by_side(title, ways, _ROUNDS).items():
                found[name].append((number, taken))
        return [Curve(name, points) for name, points in found.items()]
    finally:
        with step("Removing them"):
            for server in many:
                server.kind.down(server)


def _at_once(ways: Sequence[Way]) -> Way:
    def way() -> None:
        with ThreadPoolExecutor(len(ways)) as pool:
            list(pool.map(lambda one: one(), ways))

    return way

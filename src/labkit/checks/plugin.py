"""The pytest plugin behind `lab check` and plain `pytest labs/...`.

It registers the markers, puts the checks in order, blocks a check whose needs
have not passed, and gives each result one of the five outcomes.
"""

import signal
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush
from types import FrameType

import pytest
from testinfra.backend import BACKENDS
from testinfra.host import Host

from labkit import probes
from labkit.checks import Unmet
from labkit.checks.board import member, staff
from labkit.checks.doors import forgotten_service
from labkit.checks.fixtures import as_root, calendar, front, reboot, visitor
from labkit.checks.mail import mailbox
from labkit.checks.service import service
from labkit.checks.site import site
from labkit.report import CheckResult, Message, Outcome

__all__ = [
    "as_root",
    "calendar",
    "forgotten_service",
    "front",
    "mailbox",
    "member",
    "reboot",
    "service",
    "site",
    "staff",
    "visitor",
]

RESULTS = pytest.StashKey[dict[str, CheckResult]]()
"""Every check's result so far, by the check's name, on the session's config."""

_SKIPPED = pytest.StashKey[tuple[Outcome, str, bool]]()

# One check may take this long; a reboot and a day of timers take longer.
_SECONDS, _DISTURBING_SECONDS = 60, 300

_ORDER = {None: 0, "data": 1, "restart": 2, "reboot": 3}

_MARKERS = (
    "needs(*names): blocked unless the checks with these names have passed",
    "disturbs(what): changes the server for a while; run last, may be declined",
    "requires(offer): runs only where the machine offers this",
    "guard: rightly true from the start",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of a check run."""
    group = parser.getgroup("labkit", "checks of a lab")
    group.addoption(
        "--ignore-needs",
        action="store_true",
        help="run a check even when one that it needs has failed",
    )
    group.addoption(
        "--decline",
        action="append",
        default=[],
        metavar="WHAT",
        help="do not run checks that disturb this: data, restart or reboot",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the markers known, and the backend."""
    BACKENDS["lab"] = "labkit.checks.shell.ShellBackend"
    config.stash[RESULTS] = {}
    for marker in _MARKERS:
        config.addinivalue_line("markers", marker)


def _disturbs(item: pytest.Item) -> str | None:
    mark = item.get_closest_marker("disturbs")
    return mark.args[0] if mark else None


def _needs(item: pytest.Item) -> tuple[str, ...]:
    mark = item.get_closest_marker("needs")
    return mark.args if mark else ()


def _name(item: pytest.Item) -> str:
    return str(getattr(item, "originalname", item.name))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the checks: needs before what needs them, disturbing ones last."""
    known = {_name(item) for item in items}
    for item in items:
        for need in set(_needs(item)) - known:
            raise pytest.UsageError(f"{_name(item)} needs {need}: no such check")
    items.sort(key=lambda item: _ORDER.get(_disturbs(item), 0))
    places: dict[str, list[pytest.Item]] = {}
    order: TopologicalSorter[str] = TopologicalSorter()
    for item in items:
        places.setdefault(_name(item), []).append(item)
        order.add(_name(item), *_needs(item))
    try:
        order.prepare()
    except CycleError as error:
        circle = ", ".join(sorted(set(error.args[1])))
        raise pytest.UsageError(f"these checks need each other: {circle}") from error
    rank = {name: number for number, name in enumerate(places)}
    free: list[tuple[int, str]] = []
    items.clear()
    while order.is_active():
        for name in order.get_ready():
            heappush(free, (rank[name], name))
        _, first = heappop(free)
        items += places[first]
        order.done(first)


def _skip(
    item: pytest.Item, outcome: Outcome, why: str, declined: bool = False
) -> None:
    item.stash[_SKIPPED] = (outcome, why, declined)
    pytest.skip(f"{outcome}: {why}")


@pytest.fixture(autouse=True)
def _requirements(as_root: None, request: pytest.FixtureRequest) -> None:
    """Block a check, or leave it out, before anything of it runs."""
    item = request.node
    config = request.config
    disturbance = _disturbs(item)
    if disturbance in config.getoption("decline"):
        _skip(
            item, "not run", f"you declined it: --decline {disturbance}", declined=True
        )
    if not config.getoption("ignore_needs"):
        results = config.stash[RESULTS]
        for need in _needs(item):
            # Absent when pytest was asked for a part of the checks only.
            if need in results and results[need].outcome != "pass":
                _skip(item, "blocked", f"first: {results[need].promise}")
    mark = item.get_closest_marker("requires")
    if mark:
        server: Host = request.getfixturevalue("host")
        offers = server.run("sh -c %s", probes.OFFERED).stdout.split()
        if mark.args[0] not in offers:
            _skip(item, "not run", f"this machine has no {probes.OFFERS[mark.args[0]]}")


def _shortened(text: str) -> str:
    """The ends of a text that may hold a whole command and its output."""
    return text if len(text) < 300 else f"{text[:120]} ... {text[-160:]}"


@contextmanager
def _limited(seconds: int) -> Iterator[None]:
    """Interrupt the block when it takes too long."""

    def too_long(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"the server did not answer within {seconds} s")

    before = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, bool, bool]:
    """Limit the time of a check, its fixtures included."""
    if "host" not in getattr(item, "fixturenames", ()):
        return (yield)  # no check: a test of this repository
    with _limited(_DISTURBING_SECONDS if _disturbs(item) else _SECONDS):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Give the check its outcome, and pytest's own report our words."""
    report = yield
    results = item.config.stash[RESULTS]
    if call.when == "setup":
        promise = " ".join((getattr(item, "obj", item).__doc__ or _name(item)).split())
        results[_name(item)] = CheckResult(
            name=_name(item), promise=promise, outcome="pass", seconds=0
        )
    result = results[_name(item)]
    result.seconds += report.duration
    error = call.excinfo.value if call.excinfo else None
    if error is None:
        pass
    elif _SKIPPED in item.stash:
        result.outcome, result.reason, result.declined = item.stash[_SKIPPED]
    elif isinstance(error, Unmet):
        result.outcome = "fail"
        result.message = Message(**error.failure._asdict())
        if not item.config.getoption("showlocals", False):
            report.longrepr = str(error)
    elif result.outcome == "pass":
        result.outcome = "error"
        result.reason = _shortened(f"{type(error).__name__}: {error}")
    return report

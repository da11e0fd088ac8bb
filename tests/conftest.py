"""Fixtures: checkouts of this repository, removed with their servers at the end."""

import fcntl
import signal
from collections.abc import Callable, Iterator

import pytest
from xdist.scheduler import LoadScopeScheduling

from place import Place, copy

# Whoever is started in the background of a script ignores Ctrl-C, and so does all
# that it starts: the tests of Ctrl-C would find nothing.
signal.signal(signal.SIGINT, signal.default_int_handler)


class ThreeGroups(LoadScopeScheduling):
    """Two processes share the tests: those of the emulated machine, the labs' contract,
    and the rest, which needs one core alone and runs beside either."""

    def _split_scope(self, nodeid: str) -> str:
        alone = ("test_vagrant", "test_contract")
        return next((name for name in alone if name in nodeid), "rest")


def pytest_xdist_make_scheduler(
    config: pytest.Config, log: object
) -> LoadScopeScheduling:
    return ThreeGroups(config, log)


@pytest.fixture(scope="module")
def both_cores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Wait until no other process has this. Beside the contract's servers an emulated
    machine is too slow to be back from a reboot in time."""
    with (tmp_path_factory.getbasetemp().parent / "both-cores").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="module")
def new_place(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[], Place]]:
    """Make checkouts, and remove their servers when the module ends: Linux allows a
    user 128 inotify instances, and with twenty systemds running no other one starts."""
    made: list[Place] = []

    def make() -> Place:
        directory = tmp_path_factory.mktemp("a path with spaces")
        made.append(copy(directory / "open box"))
        return made[-1]

    yield make
    for place in made:
        place.remove()


@pytest.fixture(scope="module")
def place(new_place: Callable[[], Place]) -> Place:
    """A checkout for one module of tests."""
    return new_place()


@pytest.fixture
def started(place: Place) -> Place:
    """A checkout whose server is at the start of lab 01."""
    place.lab("start", "01", "--yes")
    place.lab("reset", "--yes")
    return place

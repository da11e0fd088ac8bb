"""Fixtures: checkouts of this repository, removed with their servers at the end."""

import signal
from collections.abc import Callable, Iterator

import pytest
from xdist.scheduler import LoadScopeScheduling

from place import Place, copy

# Whoever is started in the background of a script ignores Ctrl-C, and so does all
# that it starts: the tests of Ctrl-C would find nothing.
signal.signal(signal.SIGINT, signal.default_int_handler)


class ThreeGroups(LoadScopeScheduling):
    """Two processes share the tests: the rest and those of the emulated machine begin,
    each of which keeps one core at work, and the labs' contract, for which two are not
    enough, follows where either ends."""

    def _split_scope(self, nodeid: str) -> str:
        alone = ("test_vagrant", "test_contract")
        return next((name for name in alone if name in nodeid), "rest")


def pytest_xdist_make_scheduler(
    config: pytest.Config, log: object
) -> LoadScopeScheduling:
    return ThreeGroups(config, log)


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

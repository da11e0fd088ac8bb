"""One lab goes on where another ended: from the learner's server or the reference.

The second lab here is made up: its start.sh leaves a file, and its check wants
another one.
"""

import os
import signal
import time
from collections.abc import Callable

import pytest

from labkit import engine
from place import Place

TOML = """
format = 1
title = "A second lab"
minutes = 1
starts_from = "first-server"
changes = ["/srv"]
variants = []
"""
CHECK = """
from labkit.checks import expect

def test_second(host):
    "The second file is there."
    found = host.run("ls /srv").stdout.split()
    expect("second" in found, wanted="it", found=str(found), why="so", look="there")
"""


@pytest.fixture(scope="module")
def chain(new_place: Callable[[], Place]) -> Place:
    """A checkout with a second lab, whose learner has solved the first as `mira`."""
    place = new_place()
    lab = place.root / "labs/02-second"
    lab.mkdir()
    (lab / "lab.toml").write_text(TOML)
    (lab / "test_second.py").write_text(CHECK)
    (lab / "start.sh").write_text("#!/bin/bash\necho begun >/srv/begun\n")
    solution = place.root / "solutions/02-second"
    solution.mkdir()
    (solution / "solve.sh").write_text("#!/bin/bash\ntouch /srv/second\n")
    place.lab("start", "01")
    place.lab("solve", "--yes")
    place.at_console("touch /srv/mine; useradd -m mira")
    place.lab("check")
    return place


def test_goes_on_from_the_learners_own_server(chain: Place) -> None:
    chain.lab("start", "02", "--yes")
    assert chain.at_console("ls /srv").split() == ["begun", "mine"]
    assert "resume NN): 01\n" in chain.lab().stdout
    chain.lab("solve", "--yes")
    chain.lab("check")
    assert "resume NN): 01, 02" in chain.lab().stdout


def test_reset_goes_back_to_ones_own_start(chain: Place) -> None:
    chain.lab("start", "02", "--yes")
    chain.at_console("touch /srv/scribble")
    chain.lab("reset", "--yes")
    assert chain.at_console("ls /srv").split() == ["begun", "mine"]


def test_catch_up_and_fresh_take_the_reference(chain: Place) -> None:
    for command in (["catch-up", "02"], ["start", "02", "--fresh"]):
        chain.lab(*command, "--yes")
        assert chain.at_console("ls /srv; id -un alice").split() == ["begun", "alice"]
    assert "Running" not in chain.lab("catch-up", "02", "--yes").stderr, "it is kept"


def test_resume_brings_ones_own_server_back(chain: Place) -> None:
    chain.lab("catch-up", "02", "--yes")
    said = chain.lab("resume", "01", "--yes")
    assert "your server as you solved lab 01" in said.stdout
    assert chain.at_console("ls /srv; id -un mira").split() == ["mine", "mira"]
    chain.lab("check")
    chain.lab("resume", "--yes")
    assert chain.progress().servers["lab"].lab == "first-server", "the last solved"


def test_nothing_is_replaced_without_asking(chain: Place) -> None:
    chain.lab("resume", "01", "--yes")
    chain.at_console("touch /srv/not-saved")
    for command in (["start", "02"], ["resume", "01"], ["catch-up", "02"], ["reset"]):
        assert "--yes" in chain.lab(*command, code=2).stderr
        assert "not-saved" in chain.at_console("ls /srv")


def test_a_saved_server_is_not_replaced_unasked(chain: Place) -> None:
    chain.lab("start", "02", "--fresh", "--yes")
    chain.lab("solve", "--yes")
    chain.at_console("touch /srv/another")
    assert "Your saved server of lab 02 stays as it was" in chain.lab("check").stderr
    chain.lab("resume", "02", "--yes")
    assert "another" not in chain.at_console("ls /srv")
    chain.at_console("touch /srv/further")
    assert "Saving this server as yours" in chain.lab("check").stderr, "it went on"
    chain.lab("solve", "--yes")
    assert "stays as it was" in chain.lab("check").stderr, "partly the reference's"
    chain.at_console("touch /srv/last")
    chain.lab("check", "--yes")
    chain.lab("resume", "02", "--yes")
    assert "last" in chain.at_console("ls /srv")


def test_an_edited_script_rebuilds_the_reference_alone(chain: Place) -> None:
    chain.lab("catch-up", "02", "--yes")
    before = chain.server.kind.states(chain.server)
    script = chain.root / "labs/02-second/start.sh"
    script.write_text(script.read_text() + "echo edited >/srv/edited\n")
    chain.lab("catch-up", "02", "--yes")
    assert "edited" in chain.at_console("ls /srv")
    after = chain.server.kind.states(chain.server)
    assert {s for s in before if s.startswith("own-")} <= set(after)
    assert {s for s in before if s.startswith("solved-first-server")} <= set(after)
    gone = {s for s in before if s.startswith("start-second")}
    assert gone
    assert not gone & set(after), "what nothing leads to any more is deleted"
    chain.lab("resume", "01", "--yes")
    assert chain.at_console("ls /srv").split() == ["mine"]


def test_ctrl_c_while_saving_loses_neither_server(chain: Place) -> None:
    chain.lab("resume", "01", "--yes")
    chain.at_console("touch /srv/later")
    with chain.spawn("check") as running:
        assert running.stdout
        for line in iter(running.stdout.readline, ""):
            if "Saving this server" in line:
                break
        time.sleep(0.5)
        os.killpg(running.pid, signal.SIGINT)
        said = running.stdout.read()
        assert running.wait(60) in (0, 130), said
    assert "Traceback" not in said
    time.sleep(2)
    assert chain.server.kind.power(chain.server) == "on"
    assert "later" in chain.at_console("ls /srv")
    chain.lab("resume", "01", "--yes")
    assert "mine" in chain.at_console("ls /srv")


def test_a_state_that_can_not_be_saved_loses_nothing(
    chain: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk is played: the engine refuses to commit."""
    from docker.errors import APIError
    from docker.models.containers import Container

    from labkit import servers
    from labkit.errors import LabError

    chain.lab("resume", "01", "--yes")
    chain.at_console("touch /srv/work")

    def full(*_: object) -> None:
        raise APIError("no space left on device")

    monkeypatch.setattr(Container, "commit", full)
    with pytest.raises(LabError, match="The disk is full"):
        servers.save(chain.server, "own-first-server")
    monkeypatch.undo()
    running = engine.client().containers.get(chain.server.unique_name)
    assert running.status == "running", "the server is on again"
    assert "work" in chain.at_console("ls /srv")
    chain.lab("resume", "01", "--yes")
    assert "mine" in chain.at_console("ls /srv")


def test_pruning_keeps_ones_own_servers(chain: Place) -> None:
    before = set(chain.server.kind.states(chain.server))
    own = {state for state in before if state.startswith("own-")}
    assert own
    assert before - own
    said = chain.lab("down", "--prune", "--yes").stdout
    assert f"Deleted: {len(before - own)} kept servers of the labs" in said
    assert set(chain.server.kind.states(chain.server)) == own
    chain.lab("resume", "01", "--yes")
    assert "mine" in chain.at_console("ls /srv")


def test_nothing_to_resume(new_place: Callable[[], Place]) -> None:
    said = new_place().lab("resume", code=2).stderr
    assert "No server of yours is saved yet" in said
    assert "./lab start 01" in said

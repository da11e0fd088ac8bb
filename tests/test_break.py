"""Drills: something is broken on a solved server, and a learner finds it.

The lab here is made up: a service that leaves a greeting, at every boot.
"""

import os
import signal
from collections.abc import Callable

import msgspec
import pytest

from labkit import drills, faults, journal, labs
from labkit.checkout import Checkout
from labkit.engine import client
from labkit.journal import Drill
from labkit.report import Report
from place import Place, told

TOML = """
format = 1
title = "A greeter"
minutes = 1
starts_from = ""
changes = []
"""
SOLVE = """#!/bin/bash
cat >/etc/systemd/system/greeter.service <<'UNIT'
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=sh -c 'echo hello >/run/greeting'
[Install]
WantedBy=multi-user.target
UNIT
systemctl daemon-reload
systemctl enable --now greeter
"""
CHECKS = """
from labkit.checks import disturbs, expect, needs, requires

def test_greets(host):
    "The greeting is there."
    said = host.run("cat /run/greeting").stdout
    expect(said == "hello\\n", wanted="it", found=said or "no", why="so", look="there")

@requires("own-clock")
def test_clock(host):
    "The clock is right."

@disturbs("reboot")
@needs("test_greets")
def test_it_survives_a_reboot(host, reboot):
    "It is there after a reboot."
    reboot()
    test_greets(host)
"""
HINTS = "".join(
    f"## {name}\n\n1. What of {name}?\n2. Look.\n3. [There](x.md#y).\n\n"
    for name in ("test_greets", "test_clock", "test_it_survives_a_reboot")
)
FAULTS = {
    "not-at-boot": ("test_it_survives_a_reboot", "no", "systemctl disable greeter"),
    "rude": (
        "test_greets",
        "no",
        "sed -i s/hello/oi/ $unit; systemctl daemon-reload; systemctl restart greeter",
    ),
    "forgotten": ("test_greets", "yes", "rm $unit"),
    "adrift": ("test_clock", "no", "true"),
    "decoy": ("none", "no", "true"),
}
MENDS = {
    "not-at-boot": "systemctl enable --now greeter",
    "rude": "sed -i 's/echo .* >/echo hello >/' /etc/systemd/system/greeter.service;"
    "systemctl daemon-reload; systemctl restart greeter",
}


@pytest.fixture(scope="module")
def gym(new_place: Callable[[], Place]) -> Place:
    """A checkout whose learner has solved the greeter, and left a file."""
    place = new_place()
    lab = place.root / "labs/02-greeter"
    (lab / "faults").mkdir(parents=True)
    (lab / "lab.toml").write_text(TOML)
    (lab / "test_greeter.py").write_text(CHECKS)
    (lab / "hints.md").write_text(HINTS)
    for name, (fails, reboot, script) in FAULTS.items():
        (lab / f"faults/{name}.sh").write_text(
            f"#!/bin/bash\n# title: The {name} title\n# symptom: It is odd: {fails}.\n"
            "# section: S\n"
            f"# fails: {fails}\n# says: o\n# reboot: {reboot}\nset -euo pipefail\n"
            f"unit=/etc/systemd/system/greeter.service\n{script}\n"
        )
    solution = place.root / "solutions/02-greeter"
    solution.mkdir()
    (solution / "solve.sh").write_text(SOLVE)
    place.lab("start", "02")
    place.lab("solve", "--yes")
    place.at_console("touch /srv/mine")
    place.lab("check")
    return place


def drill(place: Place) -> Drill | None:
    return place.progress().servers["lab"].drill


def own_state(place: Place) -> str:
    """The learner's own solved server, as the engine keeps it."""
    name = f"open-box-{place.server.checkout.id}:own-greeter"
    return str(client().images.get(name).id)


def test_a_seed_gives_the_same_fault_twice(gym: Place) -> None:
    names = set()
    for seed in ("1", "1", "3"):
        said = gym.lab("break", "02", "--seed", seed, "--yes")
        assert f"./lab break 02 --seed {seed}" in said.stdout
        found = drill(gym)
        assert found
        names.add((seed, found.fault))
    assert len(names) == 2
    assert {name for _, name in names} <= {"not-at-boot", "rude", "forgotten"}


def test_only_the_symptom_is_told(gym: Place) -> None:
    said = gym.lab("break", "02", "rude", "--yes")
    assert "It is odd: test_greets." in said.stdout
    told = said.stdout + said.stderr + gym.lab().stdout + gym.lab("hint").stdout
    told += gym.lab("check", code=1).stdout
    told += gym.at_console("journalctl --boot --no-pager; ls -R /run/labkit* || true")
    assert "rude" not in told
    assert all(len(line) <= 80 for line in said.stdout.splitlines())


def test_mended_at_the_console(gym: Place) -> None:
    before, solved = own_state(gym), gym.progress().of("greeter").solved
    gym.lab("break", "02", "rude", "--yes")
    red = gym.lab("check", code=1).stdout
    assert "Lab 02: a drill. It is odd" in red
    assert "Found:  oi" in red
    gym.at_console(MENDS["rude"])
    green = gym.lab("check").stdout
    assert "Mended. It was: The rude title." in green
    assert "./lab break, for another" in green
    assert "./lab resume" in green
    assert "solved" not in green.replace("own solved server", "")
    assert "It was: The rude title." in gym.lab().stdout
    assert own_state(gym) == before, "what is saved is what the learner solved"
    assert gym.progress().of("greeter").solved == solved
    gym.lab("break", "02", "rude")  # nothing to ask: the drill is over
    gym.lab("resume", "--yes")
    assert "mine" in gym.at_console("ls /srv")
    assert drill(gym) is None


def test_the_symptom_mended_and_not_the_cause(gym: Place) -> None:
    gym.lab("break", "02", "not-at-boot", "--yes")
    assert "Found:  no" in gym.lab("check", code=1).stdout, "it shows after a reboot"
    gym.at_console("systemctl start greeter")
    said = gym.lab("check", code=1).stdout
    assert " pass     The greeting is there." in said
    assert " FAIL     It is there after a reboot." in said
    found = drill(gym)
    assert found
    assert not found.mended
    gym.at_console(MENDS["not-at-boot"])
    report = msgspec.json.decode(gym.lab("check", "--json").stdout, type=Report)
    assert report.drill, "a class's page must not take it for the lab"
    found = drill(gym)
    assert found
    assert found.mended


def test_the_server_reboots_where_the_fault_asks_for_it(gym: Place) -> None:
    gym.lab("break", "02", "forgotten", "--yes")
    assert "greeting" not in gym.at_console("ls /run"), "it was there until then"


def test_declined_is_not_mended(gym: Place) -> None:
    gym.lab("break", "02", "not-at-boot", "--yes")
    gym.at_console("systemctl start greeter")
    gym.lab("check", "--decline", "reboot", code=1)
    found = drill(gym)
    assert found
    assert not found.mended


def test_hints_are_those_of_the_failing_check(gym: Place) -> None:
    gym.lab("break", "02", "not-at-boot", "--yes")
    assert "What of test_it_survives_a_reboot" in gym.lab("hint").stdout
    gym.lab("check", code=1)
    for rung in ("1", "2", "3"):
        said = gym.lab("hint").stdout
        assert f"Hint {rung} of 3, for test_greets" in said
    assert "What is broken: ./lab solve" in said
    assert not gym.progress().of("greeter").hints, "those of the lab are still unread"


def test_solve_says_what_is_broken_and_applies_nothing(gym: Place) -> None:
    gym.lab("break", "02", "rude", "--yes")
    said = " ".join(gym.lab("solve").stdout.split())
    assert "The rude title" in said
    assert "sed -i s/hello/oi/" in said
    assert "Nothing was applied" in said
    assert "./lab reset" in said
    assert gym.at_console("cat /run/greeting") == "oi\n"


def test_reset_brings_the_same_fault_back(gym: Place) -> None:
    gym.lab("break", "02", "rude", "--yes")
    gym.at_console(MENDS["rude"])
    assert "--yes" in told(gym, "reset"), "work on it is not thrown away unasked"
    assert "It is odd: test_greets." in gym.lab("reset", "--yes").stdout
    assert gym.at_console("cat /run/greeting") == "oi\n"
    found = drill(gym)
    assert found
    assert found.fault == "rude"


def test_the_server_off_and_on_again_is_the_same_drill(gym: Place) -> None:
    gym.lab("break", "02", "rude", "--yes")
    client().containers.get(gym.server.unique_name).stop()
    assert "./lab start" in gym.lab().stdout
    assert "A drill on lab 02" in gym.lab("start").stdout
    assert drill(gym)
    gym.lab("check", code=1)


@pytest.mark.parametrize("command", [["start", "02"], ["resume"], ["down"]])
def test_other_ways_end_a_drill(gym: Place, command: list[str]) -> None:
    gym.lab("break", "02", "rude", "--yes")
    assert "The drill that is under way ends." in told(gym, *command)
    assert drill(gym)
    gym.lab(*command, "--yes")
    entry = gym.progress().servers.get("lab")
    assert entry is None or entry.drill is None


def test_work_is_not_replaced_without_asking(gym: Place) -> None:
    gym.lab("start", "02", "--yes")
    gym.at_console("touch /srv/not-saved")
    said = told(gym, "break", "02")
    assert "What was not saved by a green check is lost." in said
    assert "--yes" in said
    assert "not-saved" in gym.at_console("ls /srv")


def test_what_can_be_no_drill(gym: Place) -> None:
    lab = labs.by_slug(gym.root, "greeter")
    assert "decoy" not in {fault.name for fault in drills.of(lab)}
    assert drills.needs(lab, faults.named(lab, "adrift")) == {"own-clock"}
    assert "breaks nothing" in told(gym, "break", "02", "decoy")
    assert "on this machine" in told(gym, "break", "02", "adrift")
    assert "no fault 'nope'" in told(gym, "break", "02", "nope")
    assert "no lab '77'" in told(gym, "break", "77")


def test_the_lab_of_the_server_is_the_default(gym: Place) -> None:
    gym.lab("start", "02", "--yes")
    assert "A drill on lab 02" in gym.lab("break", "--yes").stdout
    gym.lab("start", "01", "--yes")
    said = gym.lab("break", "--yes").stdout
    assert "A drill on lab 02" in said, "01 is not solved, and would be shown solved"


def test_ctrl_c_loses_nothing(gym: Place) -> None:
    before = own_state(gym)
    with gym.spawn("break", "02", "not-at-boot", "--yes") as running:
        assert running.stdout
        for line in iter(running.stdout.readline, ""):
            if "Breaking something" in line:
                break
        os.killpg(running.pid, signal.SIGINT)
        said = running.stdout.read()
        assert running.wait(60) == 130, said
    assert "Traceback" not in said
    assert "half-way to a drill" in said
    assert "./lab reset" in told(gym, "check")
    gym.lab("reset", "--yes")
    found = drill(gym)
    assert found
    assert found.fault == "not-at-boot"
    assert own_state(gym) == before


def test_a_script_that_fails(gym: Place) -> None:
    script = gym.root / "labs/02-greeter/faults/broken.sh"
    script.write_text(
        "#!/bin/bash\n# title: t\n# symptom: s\n# section: s\n"
        "# fails: test_greets\n# says: s\n# reboot: no\necho nothing to see; false\n"
    )
    said = told(gym, "break", "02", "broken", "--yes")
    script.unlink()
    assert "This drill could not be made." in said
    assert "nothing to see" in said
    assert "./lab break 02" in said
    gym.lab("break", "02", "rude")  # half-way: nothing to ask


def test_nothing_to_drill_on_yet(new_place: Callable[[], Place]) -> None:
    said = told(new_place(), "break")
    assert "You have solved no lab yet" in said
    assert "./lab start 01" in said


def test_progress_from_before_there_were_drills(new_place: Callable[[], Place]) -> None:
    place = new_place()
    home = Checkout(place.root).home
    home.mkdir()
    (home / "progress.json").write_text(
        '{"format": 1, "labs": {"greeter": {"failing": ["test_a"], "hints": {}}},'
        '"servers": {"lab": {"kind": "docker", "lab": "greeter", "phase": "ready"}}}'
    )
    progress = journal.read(Checkout(place.root))
    assert progress.servers["lab"].drill is None
    assert progress.looked("lab", "greeter").failing == ["test_a"]

"""A lab that is a drill: it begins with one of several causes, and tells not which.

The lab here is made up: a service that leaves a greeting, at every boot.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from labkit import labs, lint, proof
from labkit.commands import drill, prove
from labkit.engine import client
from labkit.labs import Lab
from labkit.matrix import MadeOf
from place import Place, told

NAME = "03-silence"
TOML = """
format = 1
title = "Silence"
minutes = 1
starts_from = "greeter"
changes = ["/etc/systemd/system"]
variants = ["mute", "lost"]
"""
GREETER = TOML.replace("Silence", "A greeter").replace('["mute", "lost"]', "[]")
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
systemctl enable --quiet greeter
systemctl restart greeter
"""
CHECKS = """
from labkit.checks import disturbs, expect, needs

def test_greets(host):
    "The greeting is there."
    said = host.run("cat /run/greeting").stdout
    expect(said == "hello\\n", wanted="it", found=said or "no", why="so", look="there")

@disturbs("reboot")
@needs("test_greets")
def test_it_survives_a_reboot(host, reboot):
    "It is there after a reboot."
    reboot()
    test_greets(host)
"""
VARIANT = """#!/bin/bash
# title: The {0} title
# symptom: Nobody greets, and the log says {0}.
# section: S
set -euo pipefail
echo heard from {0}
{1}
"""
VARIANTS = {
    "mute": "sed -i s/hello/hm/ /etc/systemd/system/greeter.service",
    "lost": "systemctl disable --quiet greeter",
}
FAULT = """#!/bin/bash
# title: t
# symptom: s
# section: S
# fails: {0}
# says: no
# reboot: no
{1}
"""
FAULTS = {
    "gone": ("test_greets", "rm /run/greeting"),
    "not-at-boot": ("test_it_survives_a_reboot", "systemctl disable greeter"),
}
CHAPTER = (
    "# S\n\n```console\n# cat /etc/systemd/system/greeter.service\n...\nUNIT\n```\n"
)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


@pytest.fixture(scope="module")
def gym(new_place: Callable[[], Place]) -> Place:
    """A checkout with a lab and a drill on it; the learner has solved the lab."""
    place = new_place()
    lab, solutions = place.root / f"labs/{NAME}", place.root / "solutions"
    write(lab / "lab.toml", TOML)
    write(lab / "test_silence.py", CHECKS)
    for name, script in VARIANTS.items():
        write(lab / f"variants/{name}.sh", VARIANT.format(name, script))
    for name, (fails, script) in FAULTS.items():
        write(lab / f"faults/{name}.sh", FAULT.format(fails, script))
    write(solutions / NAME / "solve.sh", SOLVE)
    write(solutions / NAME / "alt-sed/solve.sh", SOLVE)
    chapter = CHAPTER.replace("UNIT", "WantedBy=multi-user.target")
    write(place.root / f"book/{NAME}.md", chapter)
    before = place.root / "labs/02-greeter"
    write(before / "lab.toml", GREETER.replace('"greeter"', '""'))
    write(before / "test_greeter.py", CHECKS)
    write(solutions / "02-greeter/solve.sh", SOLVE)
    place.lab("start", "02")
    place.lab("solve", "--yes")
    place.at_console("touch /srv/mine")
    place.lab("check")
    return place


@pytest.fixture
def lab(gym: Place) -> Lab:
    return labs.by_slug(gym.root, "silence")


def cause(place: Place) -> str:
    return place.progress().servers["lab"].variant


def start(place: Place, wanted: str) -> str:
    """Start the drill with this cause, by a seed that gives it; what was said."""
    seeds = {drill.chosen(list(VARIANTS), seed, None)[0]: seed for seed in range(99)}
    done = place.lab("start", "03", "--seed", str(seeds[wanted]), "--yes")
    assert f"./lab start 03 --seed {seeds[wanted]}" in done.stdout
    assert cause(place) == wanted
    return done.stdout + done.stderr


def test_a_seed_gives_the_same_cause_twice(gym: Place) -> None:
    start(gym, "lost")
    start(gym, "mute")
    said = start(gym, "mute")
    assert "./lab resume" in said, "the server is the reference's"
    assert gym.at_console("ls /srv") == ""
    assert gym.at_console("cat /run/greeting") == "hm\n"


def test_hints_begin_anew_with_another_cause(gym: Place) -> None:
    rungs = "\n\n".join(f"{n}. Hint number {n}" for n in (1, 2))
    write(gym.root / f"labs/{NAME}/hints.md", f"# Hints\n\n## test_greets\n\n{rungs}\n")
    start(gym, "lost")
    assert "Hint 1 of 2" in gym.lab("hint").stdout
    gym.lab("reset", "--yes")
    assert "Hint 2 of 2" in gym.lab("hint").stdout
    start(gym, "mute")
    assert "Hint 1 of 2" in gym.lab("hint").stdout


def test_which_one_is_not_told(gym: Place) -> None:
    for wanted in VARIANTS:
        gym.server.kind.down(gym.server)
        for state in gym.server.kind.states(gym.server):
            if "-silence-" in state:
                gym.server.kind.forget(gym.server, state)
        said = start(gym, wanted) + gym.lab().stdout
        said += gym.lab("check", code=1).stdout + gym.lab("reset", "--yes").stderr
        said += gym.at_console(
            "journalctl --boot=all --no-pager; ls -R /run/labkit*||:"
        )
        said += str(client().containers.get(gym.server.unique_name).attrs)
        assert not [name for name in VARIANTS if name in said]


def test_reset_brings_the_same_cause(gym: Place) -> None:
    for wanted in VARIANTS:
        start(gym, wanted)
        gym.at_console("touch /srv/scribble")
        assert "--yes" in told(gym, "reset")
        gym.lab("reset", "--yes")
        assert cause(gym) == wanted
        assert gym.at_console("ls /srv") == ""
        assert "nothing on it was changed" in gym.lab("start", "03").stdout
        assert "nothing on it was changed" in gym.lab("start").stdout


def test_mended_it_is_told_and_one_s_own_server_stays(gym: Place, lab: Lab) -> None:
    start(gym, "lost")
    before = gym.progress().of("silence").solved
    gym.at_console("systemctl start greeter")
    assert "after a reboot" in gym.lab("check", code=1).stdout, "the cause is not gone"
    gym.at_console("systemctl enable --quiet --now greeter")
    green = gym.lab("check").stdout
    assert "Lab 03 is solved." in green
    assert "It was: The lost title." in green
    assert "./lab resume" in green
    assert gym.progress().of("silence").solved != before
    assert lab.own not in gym.server.kind.states(gym.server)
    said = gym.lab("start", "03").stdout  # nothing to ask: the drill is over
    assert "at the start of lab 03" in said
    assert cause(gym) == "mute", "another one"
    assert "The drill that is under way ends." in told(gym, "resume")
    gym.lab("resume", "--yes")
    assert gym.at_console("ls /srv") == "mine\n"
    assert not cause(gym)


def test_solve_mends_each(gym: Place) -> None:
    for wanted in VARIANTS:
        start(gym, wanted)
        gym.lab("solve", "--yes")
        assert f"It was: The {wanted} title." in gym.lab("check").stdout


def test_only_a_drill_has_seeds(gym: Place) -> None:
    assert "no causes to choose from" in told(gym, "start", "02", "--seed", "1")


def test_each_variant_is_proven(gym: Place, lab: Lab) -> None:
    (one,) = prove.prove(gym.server.checkout, "docker", [lab], 2).values()
    assert not one.problems, one.problems
    names = [run.name for run in one.runs]
    assert names == [
        *("chapter (mute)", "chapter (lost)"),
        *("solution (mute)", "again (mute)", "solution (lost)", "again (lost)"),
        *("alternative alt-sed (mute)", "alternative alt-sed (lost)"),
        *("reboot (mute)", "reboot (lost)", "start (mute)", "start (lost)"),
        *("fault gone", "fault not-at-boot"),
    ]
    by_name = {run.name: run for run in one.runs}
    assert by_name["start (mute)"].found["test_greets"] == "hm\n"
    assert by_name["start (lost)"].found["test_greets"] == "no"
    assert names == [name for job in proof.jobs(lab) for name in job.runs]


def test_a_proof_is_of_what_ran_not_of_prose(lab: Lab) -> None:
    digest, prose = MadeOf(lab)["reboot (lost)"], lab.path / "hints.md"
    prose.write_text("One word.\n")
    assert MadeOf(lab)["reboot (lost)"] == digest
    prose.unlink()


def test_a_variant_that_does_not_fail_is_caught(gym: Place, lab: Lab) -> None:
    path = lab.path / "variants/mute.sh"
    was, digest = path.read_text(), MadeOf(lab)["start (mute)"]
    path.write_text(was.replace("sed", "true"))
    assert MadeOf(lab)["start (mute)"] != digest
    (one,) = prove.prove(gym.server.checkout, "docker", [lab], 2).values()
    path.write_text(was)
    assert {run.name for run, problem in one.problems} == {
        "start (mute)",
        "chapter (mute)",
    }


def test_lint_knows_the_scripts(gym: Place, lab: Lab, tmp_path: Path) -> None:
    for part in ("labs", "book", "solutions"):
        shutil.copytree(gym.root / part, tmp_path / part)
    shutil.copy(gym.root / "README.md", tmp_path)
    here = tmp_path / lab.path.relative_to(gym.root)

    def found() -> str:
        return "\n".join(map(str, lint.of_lab(tmp_path, here)))

    assert "variants/" not in found()
    write(here / "variants/stray.sh", "")
    assert "lab.toml's variants do not name it" in found()
    write(here / "variants/mute.sh", "# title: t\n# symptom: s\n# section: T\n")
    assert "has no heading 'T'" in found()
    write(here / "variants/mute.sh", "# title: t\n")
    assert "symptom: missing" in found()
    (here / "variants/mute.sh").unlink()
    assert "variants/mute.sh: there is no such variant" in found()

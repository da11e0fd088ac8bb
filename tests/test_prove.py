"""`dev prove` on two small labs: an honest one, and one that lies in every way."""

import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from labkit import engine, labs, matrix, tables
from labkit.matrix import Proof
from place import Place

NAME = "09-sample"

CHECKS = '''
from labkit.checks import expect, guard, needs


def greeting(host):
    return host.run("cat /srv/greeting").stdout.strip() or "nothing"


def test_greeting(host):
    """The server says hello."""
    expect(
        greeting(host) == "hello",
        wanted="hello in /srv/greeting.",
        found=f"it says {greeting(host)}.",
        why="a sample needs a reason too.",
        look="cat /srv/greeting",
    )


@needs("test_greeting")
def test_owner(host):
    """The greeting belongs to daemon."""
    owner = host.run("stat --format %U /srv/greeting").stdout.strip() or "nobody"
    expect(
        owner == "daemon",
        wanted="daemon as the owner of /srv/greeting.",
        found=f"its owner is {owner}.",
        why="a sample needs a reason too.",
        look="ls -l /srv/greeting",
    )


@guard
# From the start: nothing of it is there that could have failed.
def test_booted(host):
    """The server has no failed unit that is called sample."""
    failed = host.run("systemctl is-failed sample").stdout.strip() == "failed"
    expect(
        not failed,
        wanted="no failed unit.",
        found=f"sample failed: {failed}.",
        why="a sample needs a reason too.",
        look="systemctl --failed",
    )
'''
SOLVE = """#!/bin/bash
set -eu
echo hello >/srv/greeting
chown daemon /srv/greeting
"""
CHAPTER = """# A sample

```console
# echo hello
hello
```
"""
FAULT = """#!/bin/bash
# title: A sample
# symptom: It is not as it was.
# section: What goes wrong
# fails: {fails}
# says: {says}
# reboot: {reboot}
{script}
"""
FAULTS = {
    "wrong": ("test_greeting", "bye", "no", "echo bye >/srv/greeting"),
    "lost": ("test_greeting", "nothing", "yes", "rm /srv/greeting"),
    "owner": ("test_owner", "root", "no", "chown root /srv/greeting"),
    "unit": (
        "test_booted",
        "True",
        "no",
        "systemd-run --quiet --unit sample false; sleep 0.5",
    ),
    "decoy": ("none", "-", "no", "touch /srv/decoy"),
}


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def sample(root: Path) -> None:
    """Write an honest lab."""
    lab, solution = root / "labs" / NAME, root / "solutions" / NAME
    write(
        lab / "lab.toml",
        'format = 1\ntitle = "A sample"\nminutes = 1\nstarts_from = ""\n'
        'changes = ["/srv/greeting"]\n',
    )
    write(lab / "test_sample.py", CHECKS)
    for name, (fails, says, reboot, script) in FAULTS.items():
        head = {"fails": fails, "says": says, "reboot": reboot, "script": script}
        write(lab / f"faults/{name}.sh", FAULT.format(**head))
    write(solution / "solve.sh", SOLVE)
    write(
        solution / "alt-install/solve.sh",
        "install --owner daemon /dev/stdin /srv/greeting <<<hello\n",
    )
    write(root / f"book/{NAME}.md", CHAPTER)


def lies(root: Path) -> None:
    """Make the honest lab dishonest in every way that `prove` has to see."""
    lab, solution = root / "labs" / NAME, root / "solutions" / NAME
    write(
        lab / "test_lies.py",
        "from labkit.checks import expect, needs\n"
        "def test_vacuous(host):\n"
        '    "Nothing is looked at."\n'
        '@needs("test_greeting")\n'
        "def test_hidden(host):\n"
        '    "Nothing is looked at, and this is not seen at first."\n'
        "def test_same(host):\n"
        '    "It says the same, whatever is wrong."\n'
        '    right = host.run("cat /srv/greeting").stdout == "hello\\n"\n'
        '    expect(right, wanted="w", found="bye or nothing", why="y", look="l")\n',
    )
    for name in ("wrong", "lost"):
        _, says, reboot, script = FAULTS[name]
        fails = "test_greeting, test_same"
        head = {"fails": fails, "says": says, "reboot": reboot, "script": script}
        write(lab / f"faults/{name}.sh", FAULT.format(**head))
    for name, fails, says, script in (
        ("trips-nothing", "test_owner", "root", "true"),
        ("trips-more", "test_greeting", "bye", "rm -f /srv/greeting"),
        ("misspelt", "test_gretting", "bye", "true"),
        ("breaks-off", "test_greeting", "bye", "false"),
    ):
        head = {"fails": fails, "says": says, "reboot": "no", "script": script}
        write(lab / f"faults/{name}.sh", FAULT.format(**head))
    write(solution / "solve.sh", SOLVE + "date +%N >/srv/when\n")
    write(solution / "alt-wrong/solve.sh", "echo hallo >/srv/greeting\n")
    write(
        root / f"book/{NAME}.md",
        "```console\n# echo hello >/srv/greeting\n# chown daemon /srv/greeting\n"
        "# cat /srv/greeting\ngood morning\n```\n",
    )


@pytest.fixture(scope="module")
def honest(new_place: Callable[[], Place]) -> Place:
    place = new_place()
    sample(place.root)
    return place


@pytest.fixture(scope="module")
def proven(honest: Place) -> subprocess.CompletedProcess[str]:
    return honest.lab("dev", "prove", "sample", "--jobs", "3")


def test_honest_lab_is_proven(
    honest: Place, proven: subprocess.CompletedProcess[str]
) -> None:
    assert "The contract is kept." in proven.stdout
    assert "fault decoy: kept" in proven.stderr
    known = matrix.read(honest.root, "docker")
    proof = known.labs[NAME]
    assert not proof.problems
    made_of = matrix.MadeOf(labs.by_slug(honest.root, "sample"))
    assert all(run.made_of == made_of[run.name] for run in proof.runs)
    names = [run.name for run in proof.runs]
    assert names[:6] == [
        *("chapter", "solution", "again", "alternative alt-install", "reboot"),
        "start",
    ]
    assert set(names[6:]) == {f"fault {name}" for name in FAULTS}
    by_name = {run.name: run for run in proof.runs}
    assert by_name["start"].outcomes["test_booted"] == "pass"
    assert by_name["fault wrong"].outcomes["test_owner"] == "blocked"
    assert by_name["fault wrong"].found == {"test_greeting": "it says bye."}
    assert json.loads(matrix.path(honest.root, "docker").read_text())["format"] == 1


@pytest.mark.usefixtures("proven")
def test_interrupted_proof_is_gone_on_from(honest: Place) -> None:
    before = matrix.read(honest.root, "docker")
    with honest.spawn("dev", "prove", "sample", "--jobs", "2") as running:
        assert running.stdout
        for line in running.stdout:
            if line.startswith("2 of "):
                break
        running.send_signal(signal.SIGINT)
        rest = running.stdout.read()
    assert running.returncode == 130, rest
    assert "kept. The same command goes on from there" in " ".join(rest.split())
    assert "Traceback" not in rest
    known = matrix.read(honest.root, "docker")
    assert known.labs == before.labs
    before_the_end = known.begun[NAME].runs
    kept = len(before_the_end)
    assert 2 <= kept < len(before.labs[NAME].runs)
    assert f"{kept} of {len(before.labs[NAME].runs)} runs so far" in page(honest)
    names = [c.name for c in engine.client().containers.list(all=True)]
    assert not [name for name in names if honest.server.checkout.id in name]
    argv = ["pgrep", "-f", f"labkit.*{honest.root}"]
    assert not subprocess.run(argv, capture_output=True).stdout

    said = honest.lab("dev", "prove", "sample", "--jobs", "3").stderr
    assert f"runs kept from the last time: {kept}." in said
    known = matrix.read(honest.root, "docker")
    names = [run.name for run in known.labs[NAME].runs]
    assert names == [run.name for run in before.labs[NAME].runs]
    kept_as_they_were = [run for run in known.labs[NAME].runs if run in before_the_end]
    assert len(kept_as_they_were) == kept
    assert not known.begun
    assert "so far" not in page(honest)


@pytest.mark.usefixtures("proven")
def test_an_edited_fault_alone_is_proven_anew(honest: Place) -> None:
    before = matrix.read(honest.root, "docker").labs[NAME].runs
    path = honest.root / f"labs/{NAME}/faults/decoy.sh"
    path.write_text(path.read_text() + "true\n")
    said = honest.lab("dev", "prove", "sample", "--jobs", "2").stderr
    assert f"runs kept from the last time: {len(before) - 1}." in said
    assert "1 of 1  sample, fault decoy: kept" in said
    after = matrix.read(honest.root, "docker").labs[NAME].runs
    assert [run.name for run in after if run not in before] == ["fault decoy"]


@pytest.mark.usefixtures("proven")
def test_page_says_which_proof_is_older_than_the_lab(honest: Place) -> None:
    assert "latest change" not in page(honest)
    write(honest.root / f"solutions/{NAME}/solve.sh", SOLVE + "true\n")
    assert "before the lab's latest change: " in page(honest)


def page(place: Place) -> str:
    """What the book's page of the proofs says of the sample."""
    return tables.proofs(place.root).partition("A sample")[2].partition("## ")[0]


@pytest.fixture(scope="module")
def liar(new_place: Callable[[], Place]) -> Place:
    place = new_place()
    sample(place.root)
    lies(place.root)
    return place


@pytest.fixture(scope="module")
def told(liar: Place) -> str:
    return liar.lab("dev", "prove", "sample", "--jobs", "3", code=1).stderr


@pytest.fixture(scope="module")
def dishonest(liar: Place, told: str) -> Proof:
    return matrix.read(liar.root, "docker").labs[NAME]


@pytest.mark.parametrize(
    ("run", "step", "what", "check"),
    [
        ("start", 1, "pass at the start, and had to fail", "test_vacuous"),
        ("start", 1, "pass at the start, and had to fail", "test_hidden"),
        ("solution", 2, "changed, and not announced in lab.toml: /srv/when", ""),
        ("again", 2, "changed by a second solve: /srv/when", ""),
        ("alternative alt-wrong", 4, "fail, and had to pass", "test_greeting"),
        ("fault trips-nothing", 5, "pass, and had to fail", "test_owner"),
        ("fault trips-more", 5, "fails as well", "test_same"),
        ("fault trips-more", 5, "does not say 'bye'", "test_greeting"),
        ("fault misspelt", 5, "no such check", "test_gretting"),
        ("fault breaks-off", 5, "could not be carried out", ""),
        ("start", 6, "no fault makes it fail", "test_vacuous"),
        ("start", 6, "says the same of every fault, so it does not say", "test_same"),
        ("chapter", 7, "the chapter's blocks alone solve the lab", ""),
        ("chapter", 7, "The server says:\n    hello", ""),
    ],
)
def test_each_lie_is_caught(
    dishonest: Proof, run: str, step: int, what: str, check: str
) -> None:
    assert [
        problem
        for where, problem in dishonest.problems
        if (where.name, problem.step) == (run, step)
        and what in problem.what
        and problem.check == check
    ]


def test_what_failed_beside_others_is_done_again(told: str) -> None:
    assert told.count("fault trips-nothing: broken") == 2
    assert "again, alone  sample, fault trips-nothing: broken" in told
    assert told.count("fault owner: kept") == 1


def test_what_is_honest_there_is_not_blamed(dishonest: Proof) -> None:
    blamed = {run.name for run, _ in dishonest.problems}
    assert "reboot" not in blamed
    assert {"fault owner", "fault unit", "fault decoy"}.isdisjoint(blamed)


def test_what_is_honest_is_not_done_again(liar: Place, dishonest: Proof) -> None:
    """The next proof goes on from it."""
    kept = {run.name for run in matrix.read(liar.root, "docker").begun[NAME].runs}
    blamed = {run.name for run, problem in dishonest.problems if problem.step != 6}
    assert kept == {run.name for run in dishonest.runs} - blamed

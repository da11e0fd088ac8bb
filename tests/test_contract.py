"""Each lab keeps the contract: red at its start, green when solved, and so on.

One server goes through the steps in their order, as in DESIGN: start, solve,
solve again, reboot; then every alternative and every fault on a fresh server.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from labkit import hints, labs, scripts, servers, states
from labkit.checks import run as checks_run
from labkit.labs import Lab
from labkit.report import Report
from place import ROOT, Place

LABS = labs.all_labs(ROOT)


@dataclass(frozen=True)
class Fault:
    """The head of a fault's script."""

    path: Path
    title: str
    symptom: str
    fails: frozenset[str]
    says: str
    reboot: bool

    @staticmethod
    def read(path: Path) -> "Fault":
        head = dict(re.findall(r"^# (\w+): (.+)$", path.read_text(), re.MULTILINE))
        fails = frozenset(head["fails"].replace(",", " ").split()) - {"none"}
        reboot = {"yes": True, "no": False}[head["reboot"]]
        return Fault(path, head["title"], head["symptom"], fails, head["says"], reboot)


def faults(lab: Lab) -> list[Fault]:
    return [Fault.read(path) for path in sorted((lab.path / "faults").glob("*.sh"))]


@pytest.fixture(scope="module")
def prover(new_place: Callable[[], Place]) -> "Prover":
    return Prover(new_place())


class Prover:
    """Brings one server from state to state and runs a lab's checks there."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.server = place.server

    def lab(self, lab: Lab) -> Lab:
        return labs.by_slug(self.place.root, lab.slug)

    def at_start(self, lab: Lab) -> None:
        states.to_start(self.place.root, self.server, self.lab(lab))

    def at_solved(self, lab: Lab) -> None:
        """The solved server, kept as a state after the first time."""
        state = states.solved(self.place.root, self.lab(lab))
        states._to(self.place.root, self.server, self.lab(lab), state)

    def run(self, directory: Path, script: str) -> None:
        with servers.connected(self.server) as connection:
            scripts.run(connection, directory, script)

    def check(self, lab: Lab, *options: str) -> Report:
        with servers.connected(self.server) as connection:
            found = self.lab(lab)
            return checks_run.run(
                found, self.server, "docker", connection, options=options
            )

    def disk(self) -> str:
        """Names, modes, owners and contents of what a solution may touch."""
        return self.place.at_console(
            "find /etc /home /root /opt /usr/local /srv -xdev"
            " -not -path '/opt/lab/lab-canary*' -not -name '*.pyc'"
            " -not -path /etc/apt/sources.list.d"
            " -printf '%p %M %u %g %l\\n' | sort;"
            "find /etc /home /root /opt /usr/local /srv -xdev -type f"
            " -exec sha256sum {} + | sort; systemctl list-unit-files --no-legend"
        )


def seen(report: Report) -> dict[str, str]:
    return {check.name: check.outcome for check in report.checks}


def complaints(report: Report) -> str:
    return "\n".join(
        f"{check.outcome} {check.name}: {check.message or check.reason}"
        for check in report.checks
        if check.outcome not in ("pass", "not run")
    )


def guards(lab: Lab) -> set[str]:
    text = "".join(path.read_text() for path in lab.path.glob("test_*.py"))
    return set(re.findall(r"@guard\n(?:@.*\n)*def (test_\w+)", text))


def by_name(lab: Lab) -> str:
    return lab.name


@pytest.mark.parametrize("lab", LABS, ids=by_name)
def test_start_is_red(prover: Prover, lab: Lab) -> None:
    """Every check but the guards fails by itself."""
    prover.at_start(lab)
    outcomes = seen(prover.check(lab, "--ignore-needs"))
    for name, outcome in outcomes.items():
        expected = "pass" if name in guards(lab) else "fail"
        assert outcome in (expected, "not run"), f"{name}: {outcome}"
    assert "fail" in outcomes.values()


@pytest.mark.parametrize("lab", LABS, ids=by_name)
def test_solution_is_green_twice_and_after_a_reboot(prover: Prover, lab: Lab) -> None:
    prover.at_solved(lab)
    report = prover.check(lab)
    assert report.solved, complaints(report)
    before = prover.disk()
    prover.run(prover.lab(lab).solution, "solve.sh")
    assert prover.disk() == before, "a second solve changes nothing"
    servers.save(prover.server, "rebooted")  # a clean shutdown and a boot
    prover.server.kind.forget(prover.server, "rebooted")
    report = prover.check(lab)
    assert report.solved, complaints(report)


ALTERNATIVES = [
    pytest.param(lab, path.parent.name, id=f"{lab.name}-{path.parent.name}")
    for lab in LABS
    for path in sorted(lab.solution.glob("alt-*/solve.sh"))
]


@pytest.mark.parametrize(("lab", "name"), ALTERNATIVES)
def test_alternative_is_green(prover: Prover, lab: Lab, name: str) -> None:
    prover.at_start(lab)
    prover.run(prover.lab(lab).solution / name, "solve.sh")
    report = prover.check(lab)
    assert report.solved, complaints(report)


FAULTS = [
    pytest.param(lab, fault, id=f"{lab.name}-{fault.path.stem}")
    for lab in LABS
    for fault in faults(lab)
]


@pytest.mark.parametrize(("lab", "fault"), FAULTS)
def test_fault_fails_its_checks_and_no_other(
    prover: Prover, lab: Lab, fault: Fault
) -> None:
    prover.at_solved(lab)
    prover.run(prover.lab(lab).path / "faults", fault.path.name)
    if fault.reboot:
        servers.save(prover.server, "broken")
        prover.server.kind.forget(prover.server, "broken")
    report = prover.check(lab)
    outcomes = seen(report)
    cannot_run = {name for name, outcome in outcomes.items() if outcome == "not run"}
    failed = {name for name, outcome in outcomes.items() if outcome == "fail"}
    assert failed == fault.fails - cannot_run, complaints(report)
    assert "error" not in outcomes.values(), complaints(report)
    for check in report.checks:
        if check.message:
            assert fault.says in check.message.found, check.message.found


@pytest.mark.parametrize("lab", LABS, ids=by_name)
def test_every_check_has_a_fault_and_hints(lab: Lab) -> None:
    text = "".join(path.read_text() for path in lab.path.glob("test_*.py"))
    checks = re.findall(r"^def (test_\w+)", text, re.MULTILINE)
    tripped = {name for fault in faults(lab) for name in fault.fails}
    assert tripped == set(checks)
    ladders = hints.ladders(lab)
    assert list(ladders) == checks
    assert all(len(rungs) == 3 for rungs in ladders.values())
    assert all("?" in rungs[0] and ".md)" in rungs[2] for rungs in ladders.values())


@pytest.mark.parametrize("lab", LABS, ids=by_name)
def test_chapter_lab_and_solution_share_a_name(lab: Lab) -> None:
    assert (ROOT / "book" / f"{lab.name}.md").is_file()
    assert (lab.path / "README.md").is_file()
    assert (lab.solution / "solve.sh").is_file()
    assert (lab.solution / "README.md").is_file()
    assert list(lab.solution.glob("alt-*/solve.sh"))
    assert len(faults(lab)) >= 4

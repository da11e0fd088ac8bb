"""Each lab keeps the contract: `dev prove`, and the matrix that it has written."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from labkit import labs, matrix, proof
from labkit.commands import prove
from labkit.labs import Lab
from labkit.matrix import MadeOf, Proof
from place import ROOT, Place

LABS = labs.all_labs(ROOT)

# One more than `dev prove` takes: of all labs' checks, a third wait for mails.
JOBS = prove.DEFAULT_JOBS + 1


# With LAB_FAULTS=by-turns (.ci/run) one of so many parts of a lab's faults is proven
# anew, another one each day, and all of them when a file of the lab has changed.
TURNS = 3


def by_name(lab: Lab) -> str:
    return lab.name


def leave_to_the_matrix(root: Path, named: list[Lab]) -> None:
    """Take the faults whose turn is not today as the matrix has them; `dev prove` does
    so too only if they were proven for the very same files of the lab."""
    known = matrix.read(root, "docker")
    today = datetime.now(UTC).toordinal()
    for lab in named:
        if proven := known.labs.get(lab.name):
            faults = [run for run in proven.runs if run.name.startswith("fault ")]
            kept = [run for n, run in enumerate(faults) if (n - today) % TURNS]
            known.begun[lab.name] = Proof(proven.on, 0.0, kept)
    matrix.write(root, known)


@pytest.fixture(scope="module")
def proofs(
    request: pytest.FixtureRequest,
    new_place: Callable[[], Place],
) -> dict[str, Proof]:
    """What was proven of the labs that are asked for, all of them side by side."""
    place = new_place()
    asked = {
        item.callspec.id
        for item in request.session.items
        if isinstance(item, pytest.Function) and "proofs" in item.fixturenames
    }
    named = [lab for lab in labs.all_labs(place.root) if lab.name in asked]
    if by_turns := os.environ.get("LAB_FAULTS") == "by-turns":
        leave_to_the_matrix(place.root, named)
    capture = request.config.pluginmanager.getplugin("capturemanager")
    assert capture
    with capture.global_and_fixture_disabled():  # half an hour, so it tells how far
        checkout = place.server.checkout
        return prove.prove(checkout, "docker", named, JOBS, going_on=by_turns)


@pytest.mark.parametrize("lab", LABS, ids=by_name)
def test_contract_is_kept(proofs: dict[str, Proof], lab: Lab) -> None:
    problems = proofs[lab.name].problems
    assert not problems, "\n".join(
        f"{run.name}: {problem}" for run, problem in problems
    )


@pytest.mark.parametrize("lab", LABS, ids=by_name)
def test_matrix_is_whole_and_of_today(lab: Lab) -> None:
    """After an edit of a lab: `./lab dev prove`, and commit what it writes."""
    known = matrix.read(ROOT, "docker").labs
    assert lab.name in known
    one = known[lab.name]
    made_of = MadeOf(lab)
    stale = [run.name for run in one.runs if run.made_of != made_of[run.name]]
    assert not stale, f"./lab dev prove {lab.number}"
    assert not one.problems
    names = [name for job in proof.jobs(lab) for name in job.runs]
    assert [run.name for run in one.runs] == names
    checks = set(one.runs[0].outcomes)
    assert all(set(run.outcomes) == checks for run in one.runs)


def test_matrix_has_no_lab_that_is_gone() -> None:
    assert set(matrix.read(ROOT, "docker").labs) == {lab.name for lab in LABS}


@pytest.mark.parametrize("kind", ["ssh", "vagrant"])
def test_no_problem_on_other_machines(kind: str) -> None:
    """Proven now and then, by hand: the labs' page has the day."""
    known = matrix.read(ROOT, kind).labs
    assert known
    assert not [problem for one in known.values() for problem in one.problems]
    assert set(known) <= {lab.name for lab in LABS}

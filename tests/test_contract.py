"""Each lab keeps the contract: `dev prove`, and the matrix that it has written."""

from collections.abc import Callable

import pytest

from labkit import labs, matrix, proof
from labkit.commands import prove
from labkit.labs import Lab
from place import ROOT, Place

LABS = labs.all_labs(ROOT)


def by_name(lab: Lab) -> str:
    return lab.name


@pytest.fixture(scope="module")
def proving(new_place: Callable[[], Place]) -> Place:
    """A checkout whose servers prove labs, and whose states all labs share."""
    return new_place()


@pytest.mark.parametrize("lab", LABS, ids=by_name)
def test_contract_is_kept(proving: Place, lab: Lab) -> None:
    here = labs.by_slug(proving.root, lab.slug)
    proofs = prove.prove(proving.server.checkout, "docker", [here], prove.DEFAULT_JOBS)
    told = [f"{run.name}: {problem}" for run, problem in proofs[lab.name].problems]
    assert not told, "\n".join(told)


@pytest.mark.parametrize("lab", LABS, ids=by_name)
def test_matrix_is_whole_and_of_today(lab: Lab) -> None:
    """After an edit of a lab: `./lab dev prove`, and commit what it writes."""
    known = matrix.read(ROOT, "docker").labs
    assert lab.name in known
    one = known[lab.name]
    assert one.made_of == matrix.made_of(lab), f"./lab dev prove {lab.number}"
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

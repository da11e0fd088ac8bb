"""Each lab keeps the contract: what `dev prove` carries out."""

from collections.abc import Callable

import pytest

from labkit import labs
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
    told = [
        f"step {problem.step}, {run.name}: {problem.what} "
        f"{problem.check} {problem.message}"
        for run, problem in proofs[lab.name].problems
    ]
    assert not told, "\n".join(told)

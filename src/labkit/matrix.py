"""The matrix: what was proven of each lab, on which kind of machine.

`lab dev prove` writes book/matrix.KIND.json, format 1; the site shows it.
"""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from labkit import files, image
from labkit.labs import Lab
from labkit.report import Outcome


class Problem(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Where the contract is broken: its step (1 to 7), what, and the check's words."""

    step: int
    what: str
    check: str = ""
    message: str = ""

    def __str__(self) -> str:
        words = f"{self.check} {self.message}".strip()
        return f"step {self.step}: {self.what}" + (f"\n  {words}" if words else "")


class Run(msgspec.Struct, forbid_unknown_fields=True):
    """One run of a lab's checks on a server in a known state."""

    name: Annotated[
        str,
        Meta(
            description="start, solution, again, reboot, chapter, alternative NAME or "
            "fault NAME; all but the faults of a drill with the (VARIANT) behind it"
        ),
    ]
    seconds: float
    outcomes: Annotated[dict[str, Outcome], Meta(description="by check")]
    found: Annotated[dict[str, str], Meta(description="what failed checks said")]
    problems: list[Problem]
    made_of: Annotated[str, Meta(description="a hash of the files that ran")] = ""


class Proof(msgspec.Struct, forbid_unknown_fields=True):
    """What was proven of one lab."""

    on: date
    seconds: float
    runs: list[Run]

    @property
    def problems(self) -> list[tuple[Run, Problem]]:
        """Every problem, with the run in which it was seen."""
        return [(run, problem) for run in self.runs for problem in run.problems]


class Matrix(msgspec.Struct, forbid_unknown_fields=True):
    """All labs on one kind of machine. `labs` is by number and slug, and so is `begun`:
    the good runs of proofs that were interrupted, or had problems, to go on from."""

    kind: str
    format: Literal[1] = 1
    labs: dict[str, Proof] = {}
    begun: dict[str, Proof] = {}


class MadeOf:
    """For each run of a lab, by its name, a hash of the files that it ran.

    Those are the lab's and its solution's; of the faults and the alternatives, the
    run's own alone: an edit of one must not cost hours of a virtual machine. Nor is
    prose among them, since a run reads neither sheet nor hints.
    """

    def __init__(self, lab: Lab) -> None:
        common: list[Path] = []
        own: dict[str, list[Path]] = {}
        for root in (lab.path, lab.solution):
            for path in sorted(root.rglob("*")):
                inside = path.relative_to(root)
                if not path.is_file() or path.suffix == ".md":
                    continue
                if "__pycache__" in inside.parts:
                    continue
                if inside.parts[0] == "faults":
                    own.setdefault(f"fault {path.stem}", []).append(path)
                elif inside.parts[0].startswith("alt-"):
                    own.setdefault(f"alternative {inside.parts[0]}", []).append(path)
                else:
                    common.append(path)
        base = lab.path.parent.parent
        self._common = image.digest(common, base)
        self._own = {run: image.digest(paths, base) for run, paths in own.items()}

    def __getitem__(self, run: str) -> str:
        name = " ".join(run.split()[:2])  # without the variant of a drill
        if name not in self._own:
            return self._common
        return f"{self._common}-{self._own[name]}"


def path(root: Path, kind: str) -> Path:
    """Where the matrix of a kind of machine is."""
    return root / "book" / f"matrix.{kind}.json"


def read(root: Path, kind: str) -> Matrix:
    """The matrix so far.

    Raises:
        LabError: when the file is not one.
    """
    found = files.committed(root, path(root, kind), Matrix, by="lab dev prove")
    return found or Matrix(kind)


def write(root: Path, matrix: Matrix) -> None:
    """Keep the matrix, labs in order."""
    matrix.labs = dict(sorted(matrix.labs.items()))
    matrix.begun = dict(sorted(matrix.begun.items()))
    files.write(path(root, matrix.kind), files.as_json(matrix) + "\n", mode=0o644)

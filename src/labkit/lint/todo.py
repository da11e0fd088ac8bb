"""Lint of what is still to be written: the places marked by `lab dev new`."""

from pathlib import Path

from labkit.findings import Finding
from labkit.labs import Lab
from labkit.skeleton import TODO


def of_lab(root: Path, lab: Lab) -> list[Finding]:
    """The marked places of a lab, its chapter and its solution."""
    places = [
        root / f"book/{lab.name}.md",
        *sorted((root / "book/listings" / lab.name).rglob("*")),
        *sorted(lab.path.rglob("*")),
        *sorted(lab.solution.rglob("*")),
    ]
    return [
        Finding(
            str(path.relative_to(root)),
            f"to be written: {line.partition(TODO)[2].strip(': ')}",
            f"write it, and take {TODO} away",
            number,
        )
        for path in places
        if path.is_file() and "__pycache__" not in path.parts
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if TODO in line
    ]

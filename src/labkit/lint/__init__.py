"""What can be said of labs, chapters and solutions without a server.

A rule is a function that returns findings: of one lab, or of what belongs to none.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from labkit import findings, labs, pages
from labkit.errors import LabError
from labkit.findings import Finding
from labkit.labs import Lab
from labkit.lint import (
    chapters,
    checks,
    faults,
    glossary,
    hints,
    names,
    prose,
    readme,
    reads,
    spelling,
    todo,
)

OF_LAB: tuple[Callable[[Path, Lab], list[Finding]], ...] = (
    *(names.parts, names.strays, names.chain),
    *(checks.of_lab, faults.of_lab, hints.of_lab),
    *(chapters.of_lab, prose.of_lab, spelling.of_lab, readme.of_lab, todo.of_lab),
)
OF_REPOSITORY: tuple[Callable[[Path], list[Finding]], ...] = (
    *(names.twice, names.book, checks.shared, prose.of_repository),
    *(spelling.of_repository, glossary.form, readme.planned, pages.stale),
)


def of_lab(root: Path, directory: Path) -> list[Finding]:
    """The findings of one lab, with its chapter and its solution."""
    file = f"labs/{directory.name}"
    try:
        lab = labs.load(directory)
    except LabError as error:
        return [findings.of(error, f"{file}/lab.toml")]
    found: list[Finding] = []
    for rule in OF_LAB:
        try:
            found += rule(root, lab)
        except LabError as error:  # what a rule reads is broken: that is the finding
            found.append(findings.of(error, f"{file}/lab.toml"))
    return list(dict.fromkeys(found))


def of_repository(root: Path) -> list[Finding]:
    """The findings of what belongs to no lab."""
    found: list[Finding] = []
    for rule in OF_REPOSITORY:
        with suppress(LabError):  # of a lab that can't be read: its own finding
            found += rule(root)
    return found


def reasons(root: Path, directories: list[Path]) -> Counter[str]:
    """How many looks at text have a reason, by kind."""
    files = [path for each in directories for path in each.glob("test_*.py")]
    files += (root / "src/labkit/checks").glob("*.py")
    return sum((reads.count(path) for path in files), Counter[str]())

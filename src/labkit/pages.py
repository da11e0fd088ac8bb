"""What nobody types in the book: pages made from what they are about, and pictures."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from labkit import (
    chapters,
    faults,
    files,
    findings,
    labs,
    pictures,
    reference,
    tables,
    variants,
)
from labkit.bench import page as bench_page
from labkit.errors import LabError
from labkit.findings import Finding
from labkit.labs import Lab
from labkit.skeleton import TODO

_HEAD = """\
# What do you see?

Something is wrong with a server, and all that you have is a symptom. This page leads
from the symptom to the part of the book that tells its causes and remedies. It also
names the command that makes the same happen to a lab server, where you can look for the
cause in peace. The command's last word hints at the cause; if you would rather find it
yourself, type `./lab break` with the lab's number alone, and get a fault by chance.
A drill that begins with `./lab start` has one of several causes, by chance too.

One symptom may stand here several times: that many causes look alike.
"""
_ROW = "| You see | Read | Meet it |\n|---|---|---|\n"


def symptoms(root: Path) -> str:
    """Every symptom that a lab's faults cause, with its chapter's section and drill."""
    return _HEAD + "".join(_of(lab) for lab in labs.all_labs(root))


def _of(lab: Lab) -> str:
    causes = [
        (one.symptom, one.section, f"start {lab.number}") for one in variants.of(lab)
    ]
    causes += [
        (fault.symptom, fault.section, f"break {lab.number} {fault.name}")
        for fault in faults.of(lab)
        # A decoy breaks nothing, so nobody looks for it.
        if fault.fails and not fault.symptom.startswith(TODO)
    ]
    rows = [
        f"| {symptom} | [{section}]({lab.name}.md#{chapters.anchor(section)}) "
        f"| `./lab {command}` |\n"
        for symptom, section, command in sorted(causes)
    ]
    title = f"\n## {lab.number} {lab.file.title}\n\n"
    return title + _ROW + "".join(rows) if rows else ""


PAGES: dict[str, Callable[[Path], str]] = {
    "book/symptoms.md": symptoms,
    "book/labs.md": tables.all_labs,
    "book/proofs.md": tables.proofs,
    "book/bench.md": bench_page.page,
    "book/commands.md": reference.commands,
    "book/lab-toml.md": reference.settings,
}
"""What makes each page's text, from the repository's root."""


def stale(root: Path) -> list[Finding]:
    """The pages and pictures that are not what would be made now."""
    found = []
    for name, make in _all(root).items():
        try:
            made = make(root)
        except LabError as error:
            found.append(findings.of(error, name))
            continue
        if not (root / name).is_file() or (root / name).read_text() != made:
            what = "is not what would be made now"
            found.append(Finding(name, what, "./lab dev pages"))
    return found


def write(root: Path) -> None:
    """Make all pages and pictures anew."""
    for name, make in _all(root).items():
        files.write(root / name, make(root), mode=0o644)


def _all(root: Path) -> dict[str, Callable[[Path], str]]:
    """The pages, and a picture for each source."""
    drawn = {str(path.relative_to(root)): path for path in pictures.drawn(root)}
    pictures_ = {name: partial(_picture, path) for name, path in drawn.items()}
    return PAGES | pictures_ | bench_page.plots(root)


def _picture(path: Path, _: Path) -> str:
    return pictures.svg(path.with_suffix(".toml"))

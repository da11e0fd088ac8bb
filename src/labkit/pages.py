"""Pages of the book that nobody types: each is made from what it is about."""

from collections.abc import Callable
from pathlib import Path

from labkit import chapters, faults, files, labs, reference, tables
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

One symptom may stand here several times: that many causes look alike.
"""
_ROW = "| You see | Read | Meet it |\n|---|---|---|\n"


def symptoms(root: Path) -> str:
    """Every symptom that a lab's faults cause, with its chapter's section and drill."""
    return _HEAD + "".join(_of(lab) for lab in labs.all_labs(root))


def _of(lab: Lab) -> str:
    rows = [
        f"| {fault.symptom} | [{fault.section}]"
        f"({lab.name}.md#{chapters.anchor(fault.section)}) "
        f"| `./lab break {lab.number} {fault.name}` |\n"
        for fault in sorted(faults.of(lab), key=lambda fault: fault.symptom)
        # A decoy breaks nothing, so nobody looks for it.
        if fault.fails and not fault.symptom.startswith(TODO)
    ]
    title = f"\n## {lab.number} {lab.file.title}\n\n"
    return title + _ROW + "".join(rows) if rows else ""


PAGES: dict[str, Callable[[Path], str]] = {
    "book/symptoms.md": symptoms,
    "book/labs.md": tables.all_labs,
    "book/proofs.md": tables.proofs,
    "book/commands.md": reference.commands,
    "book/lab-toml.md": reference.settings,
}
"""What makes each page's text, from the repository's root."""


def stale(root: Path) -> list[Finding]:
    """The pages that are not what would be made now."""
    return [
        Finding(name, "is not what would be made now", "./lab dev pages")
        for name, make in PAGES.items()
        if not (root / name).is_file() or (root / name).read_text() != make(root)
    ]


def write(root: Path) -> None:
    """Make all pages anew."""
    for name, make in PAGES.items():
        files.write(root / name, make(root), mode=0o644)

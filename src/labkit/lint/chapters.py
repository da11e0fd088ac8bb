"""Lint of chapters and sheets: their parts, their length, their blocks."""

import re
from pathlib import Path

from labkit import listings
from labkit.findings import Finding
from labkit.labs import Lab
from labkit.lint.prose import without_code
from labkit.skeleton import TODO

CHAPTER = (
    *("## You will be able to", "**Before this:**", "**Minutes:**"),
    *("## What goes wrong", "## Check yourself", "<details>", "## Recap"),
    *("## Going further", "## Next"),
)
SHEET = (
    *("## What you will bring about", "## Where you start", "## Tasks"),
    *("## What you should see", "## How to check", "## If it fails"),
    "## Notes for an instructor",
)
CHAPTER_WORDS = range(1500, 3551)
SHEET_WORDS = range(300, 901)
_FEW = range(3, 6)


def of_lab(root: Path, lab: Lab) -> list[Finding]:
    """What is wrong with the form of a lab's chapter and sheet."""
    chapter, sheet = root / f"book/{lab.name}.md", lab.path / "README.md"
    found = []
    if chapter.is_file():
        found += _parts(root, chapter, CHAPTER) + _length(root, chapter, CHAPTER_WORDS)
        found += _few(root, chapter) + listings.form(root / "book", lab)
    if sheet.is_file():
        found += _parts(root, sheet, SHEET) + _length(root, sheet, SHEET_WORDS)
    return found


def _parts(root: Path, path: Path, parts: tuple[str, ...]) -> list[Finding]:
    text = path.read_text()
    file = str(path.relative_to(root))
    places = {part: text.find(part) for part in parts}
    found = [
        Finding(
            file, f"has no part '{part}'", f"write it; the parts: {', '.join(parts)}"
        )
        for part, place in places.items()
        if place < 0
    ]
    if not found and list(places.values()) != sorted(places.values()):
        what = "has its parts in another order than the other chapters and sheets"
        found.append(Finding(file, what, f"the order: {', '.join(parts)}"))
    return found


def _length(root: Path, path: Path, wanted: range) -> list[Finding]:
    text = path.read_text()
    many = len(without_code(text).split())
    # What is still to be written is told line by line.
    if many in wanted or (many < wanted.start and TODO in text):
        return []
    mend = f"between {wanted.start} and {wanted.stop - 1}, without the blocks"
    return [Finding(str(path.relative_to(root)), f"has {many} words", mend)]


def _few(root: Path, path: Path) -> list[Finding]:
    """Three to five abilities, and as many questions."""
    text = path.read_text()
    able = re.search(r"^## You will be able to\n(.*?)^\*\*", text, re.M | re.S)
    counts = {
        "abilities": len(re.findall(r"^- ", able[1] if able else "", re.M)),
        "questions to check yourself": text.count("<details>"),
    }
    return [
        Finding(str(path.relative_to(root)), f"has {many} {what}", "three to five")
        for what, many in counts.items()
        if many not in _FEW
    ]

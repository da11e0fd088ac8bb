"""Lint of prose: links that lead somewhere, and words that we leave out."""

import re
from collections.abc import Iterable
from pathlib import Path

from labkit import chapters
from labkit.findings import Finding
from labkit.labs import Lab

_BANNED = re.compile(
    r"\b(?:simply|just|easy|easily|obviously|of course|merely|seamless|powerful"
    r"|robust)\b",
    re.IGNORECASE,
)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_BLOCK = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


def of_lab(root: Path, lab: Lab) -> list[Finding]:
    """What is wrong with the prose of a lab, its chapter and its solution."""
    chapter = root / f"book/{lab.name}.md"
    return _of(root, [chapter, *lab.path.glob("*.md"), *lab.solution.glob("*.md")])


def of_repository(root: Path) -> list[Finding]:
    """What is wrong with the prose that belongs to no lab."""
    pages = [root / "README.md", root / "CONTRIBUTING.md"]
    return _of(root, [*pages, *sorted((root / "book").glob("[a-z]*.md"))])


def without_code(text: str) -> str:
    """A Markdown text with its fenced blocks left empty: each line keeps its number."""
    return _BLOCK.sub(lambda block: "\n" * block[0].count("\n"), text)


def anchors(text: str) -> set[str]:
    """The anchors of the headings of a Markdown file."""
    titles = re.findall(r"^#+ (.+)$", without_code(text), re.MULTILINE)
    return {chapters.anchor(title) for title in titles}


def _of(root: Path, pages: Iterable[Path]) -> list[Finding]:
    found = []
    for page in sorted(path for path in pages if path.is_file()):
        text = without_code(page.read_text())
        file = str(page.relative_to(root))
        for match in _BANNED.finditer(text):
            what = f"the word '{match[0]}'"
            mend = "leave it out: what it stands before is not so for everybody"
            found.append(Finding(file, what, mend, _line(text, match)))
        for match in _LINK.finditer(text):
            if what := _dead(page, match[1]):
                mend = "mend the link, or what it leads to"
                found.append(Finding(file, what, mend, _line(text, match)))
    return found


def _line(text: str, match: re.Match[str]) -> int:
    return text[: match.start()].count("\n") + 1


def _dead(page: Path, link: str) -> str:
    """What is wrong with a link; "" when it leads somewhere, or out of here."""
    if link.startswith(("http://", "https://", "mailto:")):
        return ""
    file, _, anchor = link.partition("#")
    target = (page.parent / file).resolve() if file else page
    if not target.exists():
        return f"a link to {link}, which is not there"
    if anchor and anchor not in anchors(target.read_text()):
        return f"a link to {link}, which has no such heading"
    return ""

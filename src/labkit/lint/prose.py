"""Lint of prose: links that lead somewhere, headings, and words that we leave out."""

import re
from collections.abc import Iterable
from http import HTTPStatus
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
_HEADING = re.compile(r"^#+ (?P<title>.+)$", re.MULTILINE)
# What stands before a heading's own first word, and what keeps its capitals.
_NUMBER = re.compile(r"^(?:[A-Z]\. |\d\d )?(?:Lab \d\d: )?(?:Drill: )?")
_PHRASES = "|".join(status.phrase for status in HTTPStatus if " " in status.phrase)
_QUOTED = re.compile(rf'The Open Box|\b[1-5]\d\d(?: [A-Z]\w+)+|{_PHRASES}|"[^"]*"')
_CAPITAL = re.compile(r"\b[A-Z][a-z]+\b")
# What is no prose, in a page without blocks: it becomes blanks, line by line.
_NO_PROSE = re.compile(
    r"<!--.*?-->|`[^`]+`|(?<=\])\([^)\s]+\)|(?<=\])\[[^\]\s]*\]|^\[[^\]]+\]: \S+"
    r"|</?[a-z][^>]*>|\{[^}\n]*\}",
    re.DOTALL | re.MULTILINE,
)
WORDS = "book/words.txt"
"""Names and terms that no dictionary has, or that keep their capital in a heading."""


def of_lab(root: Path, lab: Lab) -> list[Finding]:
    """What is wrong with the prose of a lab, its chapter and its solution."""
    return _of(root, pages_of_lab(root, lab))


def of_repository(root: Path) -> list[Finding]:
    """What is wrong with the prose that belongs to no lab."""
    return _of(root, pages_of_repository(root))


def pages_of_lab(root: Path, lab: Lab) -> list[Path]:
    """The chapter, the lab's sheet and hints, and what is said of its solution."""
    pages = [root / f"book/{lab.name}.md"]
    pages += [*lab.path.glob("*.md"), *lab.solution.glob("*.md")]
    return sorted(page for page in pages if page.is_file())


def pages_of_repository(root: Path) -> list[Path]:
    """The pages that belong to no lab."""
    pages = [root / "README.md", root / "CONTRIBUTING.md"]
    pages += (root / "book").glob("[a-z]*.md")
    return sorted(page for page in pages if page.is_file())


def own_words(root: Path) -> frozenset[str]:
    """The project's own words."""
    path = root / WORDS
    return frozenset(path.read_text().split() if path.is_file() else ())


def alone(text: str) -> str:
    """A Markdown text's prose: no code, links' targets, comments or tags. Each line
    keeps its number.
    """
    return _NO_PROSE.sub(
        lambda match: " " + "\n" * match[0].count("\n"), without_code(text)
    )


def without_code(text: str) -> str:
    """A Markdown text with its fenced blocks left empty: each line keeps its number."""
    return _BLOCK.sub(lambda block: "\n" * block[0].count("\n"), text)


def anchors(text: str) -> set[str]:
    """The anchors of the headings of a Markdown file."""
    titles = re.findall(r"^#+ (.+)$", without_code(text), re.MULTILINE)
    return {chapters.anchor(title) for title in titles}


def _of(root: Path, pages: Iterable[Path]) -> list[Finding]:
    found = []
    names = own_words(root)
    for page in pages:
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
        for match in _HEADING.finditer(text):
            if capitals := _capitals(match["title"], names):
                what = f"the heading '{match['title']}' has capitals: {capitals}"
                mend = f"write them small; a name goes into {WORDS}"
                found.append(Finding(file, what, mend, _line(text, match)))
    return found


def _capitals(title: str, names: frozenset[str]) -> str:
    """The words of a heading, after the first, that begin with a capital and are no
    names.
    """
    own = _QUOTED.sub("", _NUMBER.sub("", alone(title)))
    _, _, after = own.strip().partition(" ")
    return ", ".join(word for word in _CAPITAL.findall(after) if word not in names)


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

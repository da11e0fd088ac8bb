"""The glossary on the site: each entry has an anchor, and pages link the terms to it.

A link shows the definition as its tooltip (Material's, so a key's focus shows it as
a pointer does), and leads to the entry where there is neither, as on a phone.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape

from labkit import chapters

FILE = "book/glossary.md"
FORM = "**term**: What it means. (Chapter NN: [Section](NN-slug.md#section))"
_ENTRY = re.compile(r"^\*\*(?P<term>.+?)\*\*", re.MULTILINE)
_PARTS = re.compile(
    r"\*\*(?P<term>[^*]+)\*\*: (?P<definition>.+) "
    r"\((?:Chapter \d\d|Before you start): "
    r"\[.+\]\((?P<file>[\w-]+\.md)#(?P<section>.+)\)\)"
)
_QUIET = re.compile(r"<!--.+?except at these.+?: (?P<terms>[^:]+?)-->", re.DOTALL)
_TAG = re.compile(r"(<[^>]*>)")
_NAME = re.compile(r"</?(\w+)")
_HEADING = re.compile(r'<h[1-6] id="([^"]*)"')
_ALONE = {"br", "hr", "img", "input", "link", "meta", "source", "wbr"}
# Where a link would be in the way, or can't be: a word there means itself.
_NOWHERE = {"a", "abbr", "button", "code", "kbd", "pre", "summary", "svg"}
_NOWHERE |= {"h1", "h2", "h3", "h4", "h5", "h6"}


@dataclass(frozen=True)
class Entry:
    """A term, what it means, and the page and section of the book that explains it."""

    term: str
    definition: str
    file: str
    section: str

    @property
    def anchor(self) -> str:
        """The entry's own place in the glossary."""
        return chapters.anchor(self.term)


def entries(text: str) -> Iterator[tuple[str, Entry | None]]:
    """What the glossary has in bold, in its order, with the entry that it begins;
    None where that has not an entry's form.
    """
    for paragraph in text.split("\n\n"):
        if begun := _ENTRY.match(paragraph):
            parts = _PARTS.fullmatch(" ".join(paragraph.split()))
            yield begun["term"], _entry(parts) if parts else None


def _entry(parts: re.Match[str]) -> Entry:
    definition = parts["definition"].replace("`", "")
    return Entry(parts["term"], definition, f"book/{parts['file']}", parts["section"])


def told(text: str) -> dict[str, Entry]:
    """The entries whose terms are linked, by term: not those that the glossary's
    comment leaves out, ordinary words in other places.
    """
    quiet = _QUIET.search(text)
    left_out = {word.strip() for word in quiet["terms"].split(",")} if quiet else set()
    return {
        term: entry for term, entry in entries(text) if entry and term not in left_out
    }


def anchored(text: str) -> str:
    """The glossary's Markdown, with an anchor for each entry."""

    def anchor(match: re.Match[str]) -> str:
        return f"{match[0]}{{ #{chapters.anchor(match['term'])} }}"

    return _ENTRY.sub(anchor, text)


def linked(html: str, terms: Mapping[str, Entry], page: str, glossary: str) -> str:
    """A page's HTML with each term linked where the page has it first: outside code,
    headings and other links, and outside the section that explains it.

    `page` is the page's source, `glossary` the glossary's address as seen from it.
    """
    if not terms:
        return html
    left = dict(terms)
    longest = sorted(terms, key=len, reverse=True)
    any_term = re.compile(
        rf"(?<![\w./-])(?P<term>{'|'.join(map(_either_case, longest))})"
        r"(?P<more>s|es)?(?![\w/-]|\.\w)"
    )
    section = ""

    def link(match: re.Match[str]) -> str:
        term = match["term"]
        entry = left.get(term) or left.get(term[0].lower() + term[1:])
        if not entry or (entry.file, entry.section) == (page, section):
            return match[0]
        del left[entry.term]
        return (
            f'<a class="term" href="{glossary}#{entry.anchor}" '
            f'title="{escape(entry.definition)}">{match[0]}</a>'
        )

    parts = []
    within: list[str] = []
    for part in _TAG.split(html):
        name = _NAME.match(part)
        if name is None:
            free = part if _NOWHERE.isdisjoint(within) else ""
            parts.append(any_term.sub(link, free) if free else part)
            continue
        parts.append(part)
        if heading := _HEADING.match(part):
            section = heading[1]
        if part.startswith("</"):
            # Not always the last: an end tag may be left out.
            while within and within.pop() != name[1]:
                pass
        elif name[1] not in _ALONE and not part.endswith("/>"):
            within.append(name[1])
    return "".join(parts)


def _either_case(term: str) -> str:
    """A term at the beginning of a sentence has a capital."""
    first, rest = term[0], re.escape(term[1:])
    return f"[{first}{first.upper()}]{rest}" if first.islower() else first + rest

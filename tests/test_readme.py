"""README and book tell the truth about what is here."""

import re
from pathlib import Path

import pytest

from labkit import labs
from place import ROOT

PROSE = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "book").glob("*.md")),
    *sorted((ROOT / "labs").glob("*/*.md")),
    *sorted((ROOT / "solutions").glob("*/README.md")),
]
LINK = re.compile(r"\]\(([^)\s]+)\)")


def words(text: str) -> int:
    """How many words of prose a Markdown text has: code blocks don't count."""
    return len(re.sub(r"```.*?```", "", text, flags=re.DOTALL).split())


def anchors(text: str) -> set[str]:
    """The anchors of the headings of a Markdown file."""
    found = set()
    for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE):
        plain = re.sub(r"[^\w\- ]", "", title.lower().strip())
        found.add(plain.replace(" ", "-"))
    return found


@pytest.mark.parametrize("path", PROSE, ids=lambda path: str(path.relative_to(ROOT)))
def test_relative_links_lead_somewhere(path: Path) -> None:
    text = path.read_text()
    for link in LINK.findall(text):
        if link.startswith(("http://", "https://")):
            continue
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target.read_text()), link


def test_readme_maps_every_lab_and_no_other() -> None:
    text = (ROOT / "README.md").read_text()
    rows = dict(re.findall(r"^\| (\d\d) \| (.+?) \|", text, re.MULTILINE))
    written = {lab.number: lab for lab in labs.all_labs(ROOT)}
    assert len(rows) == 45
    for number, title in rows.items():
        if number in written:
            lab = written[number]
            assert title == f"[{lab.file.title}](book/{lab.name}.md)"
            assert f"[lab](labs/{lab.name}/README.md)" in text
        else:
            assert "](" not in title, f"{number} is planned, not written"
    assert written.keys() <= rows.keys()


@pytest.mark.parametrize("lab", labs.all_labs(ROOT), ids=lambda lab: lab.name)
def test_listings_are_shown_as_they_are(lab: labs.Lab) -> None:
    """Each file in book/listings stands in the chapter, to the letter."""
    chapter = (ROOT / "book" / f"{lab.name}.md").read_text()
    for path in sorted((ROOT / "book/listings" / lab.name).rglob("*")):
        assert f"```text\n{path.read_text()}```" in chapter, path.name


@pytest.mark.parametrize("lab", labs.all_labs(ROOT), ids=lambda lab: lab.name)
def test_chapter_has_its_parts(lab: labs.Lab) -> None:
    chapter = (ROOT / "book" / f"{lab.name}.md").read_text()
    parts = [
        *("## You will be able to", "## What goes wrong", "## Check yourself"),
        *("<details>", "## Recap", "## Going further"),
    ]
    places = [chapter.find(part) for part in parts]
    assert -1 not in places
    assert places == sorted(places)
    assert 1500 <= words(chapter) <= 3550
    assert 300 <= words((lab.path / "README.md").read_text()) <= 900


@pytest.mark.parametrize("path", PROSE, ids=lambda path: str(path.relative_to(ROOT)))
def test_house_style(path: Path) -> None:
    banned = (
        r"simply|just|easy|easily|obviously|of course|merely|seamless|powerful|robust"
    )
    text = re.sub(r"```.*?```", "", path.read_text(), flags=re.DOTALL)
    assert not re.findall(rf"\b(?:{banned})\b", text, re.IGNORECASE)

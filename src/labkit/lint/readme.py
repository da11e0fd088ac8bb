"""Lint of README.md's map: a row for each lab, and no link for what is planned."""

import re
from pathlib import Path

from labkit.findings import Finding
from labkit.labs import Lab
from labkit.lint import names

_ROW = re.compile(r"^\| (?P<number>\d\d) \|.*$", re.MULTILINE)


def of_lab(root: Path, lab: Lab) -> list[Finding]:
    """The lab's row is in the map, with its links."""
    text = (root / "README.md").read_text()
    row = (
        f"| {lab.number} | [{lab.file.title}](book/{lab.name}.md) "
        f"| [lab](labs/{lab.name}/README.md) |"
    )
    rows = {match["number"]: match for match in _ROW.finditer(text)}
    there = rows.get(lab.number)
    if there and there[0] == row:
        return []
    line = text[: there.start()].count("\n") + 1 if there else None
    what = f"the map has no such row for lab {lab.number}"
    return [Finding("README.md", what, f"write it: {row}", line)]


def planned(root: Path) -> list[Finding]:
    """A row without a lab has no link."""
    text = (root / "README.md").read_text()
    written = {path.name[:2] for path in names.directories(root)}
    return [
        Finding(
            "README.md",
            f"the map links {match['number']}, and there is no such lab",
            "write its title without a link, and: planned",
            text[: match.start()].count("\n") + 1,
        )
        for match in _ROW.finditer(text)
        if "](" in match[0] and match["number"] not in written
    ]

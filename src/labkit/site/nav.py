"""The site's navigation: the book's order, as README's map and the labs have it."""

import re
from pathlib import Path
from typing import Any

from labkit import labs, pages
from labkit.site import glossary

_PART = re.compile(r"^### (?P<title>[A-Z]\. .+)$", re.MULTILINE)
_CHAPTER = re.compile(r"\]\((?P<path>book/(?P<name>\d\d-[\w-]+)\.md)\)")


def of(root: Path) -> list[Any]:
    """mkdocs' `nav`: each chapter is followed by its lab; parts with no chapter yet
    are left out.
    """
    known = {lab.name: lab for lab in labs.all_labs(root)}
    _, *parts = _PART.split((root / "README.md").read_text())
    nav: list[Any] = [
        {"The Open Box": "README.md"},
        {"Before you start": "book/before-you-start.md"},
    ]
    for title, body in zip(parts[::2], parts[1::2], strict=True):
        chapters: list[Any] = []
        for chapter in _CHAPTER.finditer(body):
            lab = known[chapter["name"]]
            chapters += [
                {f"{lab.number} {lab.file.title}": chapter["path"]},
                {f"Lab {lab.number}": f"labs/{lab.name}/README.md"},
            ]
        if chapters:
            nav.append({title: chapters})
    reference = [glossary.FILE, *pages.PAGES, "CONTRIBUTING.md"]
    return [*nav, {"Reference": reference}]

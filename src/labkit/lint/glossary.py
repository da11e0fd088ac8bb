"""Lint of the glossary: its entries' form and their order."""

from itertools import pairwise
from pathlib import Path

from labkit.findings import Finding
from labkit.site import glossary


def form(root: Path) -> list[Finding]:
    """The entries that the site could not show, and those that nobody would find."""
    path = root / glossary.FILE
    text = path.read_text() if path.is_file() else ""
    entries = list(glossary.entries(text))
    found = [
        Finding(glossary.FILE, f"'{term}' is no entry", f"write it so: {glossary.FORM}")
        for term, entry in entries
        if entry is None
    ]
    for (before, _), (after, _) in pairwise(entries):
        if before.lower() >= after.lower():
            what = f"'{after}' stands after '{before}'"
            found.append(Finding(glossary.FILE, what, "by the alphabet, each once"))
    return found

"""Lint of spelling: British, with the project's own words in book/words.txt.

Debian's hunspell looks the words up; where it is missing, as on a computer that
never ran the tests, this rule finds nothing, and tests/test_book.py asks for it.
"""

import re
import shutil
import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from labkit.findings import Finding
from labkit.labs import Lab
from labkit.lint import prose
from labkit.skeleton import TODO

_MEND = f"spell it as en_GB does; a name or a term goes into {prose.WORDS}"
# No word of ours: an address, a path, a name with a dot, what has a digit or an
# underscore.
_OTHER = re.compile(r"https?://\S+|(?<!\w)/\w\S*|\w+(?:\.\w+)+|\w*[\d_]\w*")
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
_POSSESSIVE = re.compile(r"['\u2019]s?$")


def of_lab(root: Path, lab: Lab) -> list[Finding]:
    """The words of a lab, its chapter and its solution that no dictionary has."""
    return _of(root, prose.pages_of_lab(root, lab))


def of_repository(root: Path) -> list[Finding]:
    """The words of the pages that belong to no lab."""
    return _of(root, prose.pages_of_repository(root))


def installed() -> bool:
    """Can this computer check the spelling?"""
    return shutil.which("hunspell") is not None


def _of(root: Path, pages: Iterable[Path]) -> list[Finding]:
    if not installed():
        return []
    met: list[tuple[str, str, int]] = []
    for page in pages:
        text = _OTHER.sub("", prose.alone(page.read_text()))
        file = str(page.relative_to(root))
        for number, line in enumerate(text.splitlines(), start=1):
            if TODO in line:  # told line by line, by another rule
                continue
            met += [(file, word, number) for word in _WORD.findall(line)]
    own = prose.own_words(root)
    first: dict[tuple[str, str], int] = {}
    for file, word, number in met:
        word = _POSSESSIVE.sub("", word)
        if not own.intersection((word, word[0].lower() + word[1:])):
            first.setdefault((file, word), number)
    unknown = _unknown(frozenset(word for _, word in first))
    return [
        Finding(file, f"'{word}' is in no dictionary", _MEND, number)
        for (file, word), number in first.items()
        if word in unknown
    ]


@cache
def _unknown(words: frozenset[str]) -> frozenset[str]:
    done = subprocess.run(
        ["hunspell", "-d", "en_GB", "-i", "utf-8", "-l"],
        input="\n".join(sorted(words)),
        capture_output=True,
        text=True,
        check=True,
    )
    return frozenset(done.stdout.split())

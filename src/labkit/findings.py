"""What an author is told: where something is wrong, what, and what mends it."""

import re
from dataclasses import dataclass

from labkit.errors import LabError


@dataclass(frozen=True)
class Finding:
    """Something wrong in `file` (its path in the repository), at `line` if at one."""

    file: str
    what: str
    mend: str
    line: int | None = None

    def __str__(self) -> str:
        place = self.file + (f", line {self.line}" if self.line else "")
        return f"{place}: {self.what}\n  Mend: {self.mend}"


def of(error: LabError, file: str) -> Finding:
    """The finding for an error: about the file that it begins with, or else `file`."""
    named, colon, what = error.what.partition(": ")
    if colon and re.fullmatch(r"[\w.-]+(/[\w.-]+)+", named):
        return Finding(named, what, error.next)
    return Finding(file, error.what, error.next)

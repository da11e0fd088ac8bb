"""What an author is told: where something is wrong, what, and what mends it."""

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
    """The finding for an error that names the file which it is about."""
    return Finding(file, error.what.removeprefix(f"{file}: "), error.next)

"""What was seen of a computer, and what is amiss: the words of the doctor."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Said:
    """What a command printed, on both streams, and how it ended.

    `code` is its exit code; None where there is no such program.
    """

    code: int | None
    text: str


Seen = Mapping[str, Said]
"""What was printed, by the names that `asks` gives."""


@dataclass(frozen=True)
class Finding:
    """Something amiss: what, why it matters, and the next command.

    `kind` is the kind of machine that it is about, "" all of them. "missing" keeps that
    kind from working, a "warning" does not.
    """

    level: Literal["missing", "warning"]
    kind: str
    what: str
    why: str
    next: str


def there(seen: Seen, name: str) -> bool:
    """Whether a program is there and did what it was asked."""
    return name in seen and seen[name].code == 0


def text(seen: Seen, name: str) -> str:
    """What a command printed that ended well; "" where it did not."""
    return seen[name].text if there(seen, name) else ""


def last(text: str) -> str:
    """The last line that is meant for people."""
    lines = [line for line in text.strip().splitlines() if not line.startswith("{")]
    return lines[-1].strip()[:200] if lines else "nothing"


def is_arm(seen: Seen) -> bool:
    """Whether the processor is an ARM."""
    return text(seen, "system").strip().endswith((" arm64", " aarch64"))

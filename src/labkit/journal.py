"""The learner's progress: which labs are solved, hints seen, where the server is.

Kept by slug in `.lab/progress.json`, so that renumbering a lab loses nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from labkit import files
from labkit.checkout import Checkout, unreadable

Phase = Literal["starting", "ready", "solving"]


class LabProgress(BaseModel):
    """What is known of one lab.

    `failing` are the checks that did not pass when last looked at, in order.
    `hints` counts, by check, the hints that have been shown.
    """

    model_config = ConfigDict(extra="forbid")
    started: datetime | None = None
    solved: datetime | None = None
    shown_solution: datetime | None = None
    failing: list[str] | None = None
    hints: dict[str, int] = {}


class ServerProgress(BaseModel):
    """Which lab a server is in, and whether something was cut short there."""

    model_config = ConfigDict(extra="forbid")
    kind: str
    lab: str
    phase: Phase


class Progress(BaseModel):
    """Everything `.lab/progress.json` holds; `labs` and `servers` are by name."""

    model_config = ConfigDict(extra="forbid")
    format: Literal[1] = 1
    labs: dict[str, LabProgress] = {}
    servers: dict[str, ServerProgress] = {}

    def of(self, slug: str) -> LabProgress:
        """The progress in one lab, made when it is the first."""
        return self.labs.setdefault(slug, LabProgress())


def read(checkout: Checkout) -> Progress:
    """The progress so far.

    Raises:
        LabError: when the file is damaged.
    """
    path = checkout.home / "progress.json"
    try:
        return Progress.model_validate_json(path.read_text())
    except FileNotFoundError:
        return Progress()
    except ValidationError as error:
        raise unreadable(path, error) from error


@contextmanager
def change(checkout: Checkout) -> Iterator[Progress]:
    """Change the progress; written whole at the end, unless the block fails."""
    with files.locked(checkout.home / "progress.lock", wait=True):
        progress = read(checkout)
        yield progress
        path = checkout.home / "progress.json"
        files.write(path, progress.model_dump_json(indent=1, exclude_none=True))

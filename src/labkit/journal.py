"""The learner's progress: which labs are solved, hints seen, where the server is.

Kept by slug in `.lab/progress.json`, so that renumbering a lab loses nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Literal

import msgspec

from labkit import files
from labkit.checkout import Checkout, unreadable

Phase = Literal["starting", "ready", "solving"]


class Looked(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What came of looking at a server.

    `failing` are the checks that did not pass when last looked at, in order.
    `hints` counts, by check, the hints that have been shown.
    """

    failing: list[str] | None = None
    hints: dict[str, int] = {}


class LabProgress(Looked):
    """What is known of one lab."""

    started: datetime | None = None
    solved: datetime | None = None
    shown_solution: datetime | None = None


class Drill(Looked, kw_only=True):
    """A fault that a server was given; `mended` once all checks were green."""

    fault: str
    mended: bool = False


class ServerProgress(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Which lab a server is in, and whether something was cut short there.

    In a drill, it is the solved server of that lab with a fault. It is `solved` once
    all checks were green and it was saved, or was brought back as it was saved. A
    rented one can't be saved; it is solved also by the reference, applied to go on.
    `variant` is the cause with which a lab that is a drill began there.
    """

    kind: str
    lab: str
    phase: Phase
    drill: Drill | None = None
    solved: bool = False
    variant: str = ""


class Progress(msgspec.Struct, forbid_unknown_fields=True):
    """Everything `.lab/progress.json` holds; `labs` and `servers` are by name."""

    format: Literal[1] = 1
    labs: dict[str, LabProgress] = {}
    servers: dict[str, ServerProgress] = {}

    def of(self, slug: str) -> LabProgress:
        """The progress in one lab, made when it is the first."""
        return self.labs.setdefault(slug, LabProgress())

    def looked(self, server: str, slug: str) -> Looked:
        """What came of looking at a server: a drill there has a record of its own."""
        entry = self.servers.get(server)
        return entry.drill if entry and entry.drill else self.of(slug)


def read(checkout: Checkout) -> Progress:
    """The progress so far.

    Raises:
        LabError: when the file is damaged.
    """
    path = checkout.home / "progress.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=Progress)
    except FileNotFoundError:
        return Progress()
    except msgspec.DecodeError as error:
        raise unreadable(path, error) from error


@contextmanager
def change(checkout: Checkout) -> Iterator[Progress]:
    """Change the progress; written whole at the end, unless the block fails."""
    with files.locked(checkout.home / "progress.lock", wait=True):
        progress = read(checkout)
        yield progress
        path = checkout.home / "progress.json"
        files.write(path, files.as_json(progress))

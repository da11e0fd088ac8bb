"""What was measured on one kind of machine: book/bench.KIND.json, format 1.

`lab dev bench` writes it, and the site shows it. Each part is as it was when it was
measured last.
"""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from labkit import files


class Row(msgspec.Struct, forbid_unknown_fields=True):
    """A number that was measured."""

    what: str
    value: float
    unit: Annotated[str, Meta(description="s, MB, % of a core, or times")]


class Budget(msgspec.Struct, forbid_unknown_fields=True):
    """A number that may be so large and no larger."""

    what: str
    value: float
    limit: float
    unit: str

    @property
    def kept(self) -> bool:
        """Whether it is small enough."""
        return self.value <= self.limit


class Curve(msgspec.Struct, forbid_unknown_fields=True):
    """How a number grows: points of x and y, in the order of x."""

    what: str
    points: list[tuple[float, float]]

    @property
    def slope(self) -> float:
        """By how much y grows with 1 of x, from the first point to the last."""
        (x0, y0), (x1, y1) = self.points[0], self.points[-1]
        return (y1 - y0) / (x1 - x0)


class Plot(msgspec.Struct, forbid_unknown_fields=True):
    """Curves over the same axes."""

    title: str
    x: str
    y: str
    curves: list[Curve]


class Measured(msgspec.Struct, forbid_unknown_fields=True):
    """What one part of the bench has found."""

    rows: list[Row]
    budgets: list[Budget] = []
    plots: list[Plot] = []


class Part(msgspec.Struct, forbid_unknown_fields=True):
    """The same with its day, the computer, and the versions of what was measured."""

    on: date
    computer: str
    versions: dict[str, str]
    measured: Measured


class Record(msgspec.Struct, forbid_unknown_fields=True):
    """All parts, by name."""

    kind: str
    format: Literal[1] = 1
    parts: dict[str, Part] = {}


def number(value: float) -> str:
    """A measured number as it is shown: three digits are more than it is good for."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def path(root: Path, kind: str) -> Path:
    """Where the numbers of a kind of machine are."""
    return root / "book" / f"bench.{kind}.json"


def read(root: Path, kind: str) -> Record:
    """The numbers so far.

    Raises:
        LabError: when the file is not one.
    """
    found = files.committed(root, path(root, kind), Record, by="lab dev bench")
    return found or Record(kind)


def write(root: Path, record: Record) -> None:
    """Keep the numbers, parts in order."""
    record.parts = dict(sorted(record.parts.items()))
    files.write(path(root, record.kind), files.as_json(record) + "\n", mode=0o644)

"""The labs of this repository: their directories and their lab.toml."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from labkit.errors import LabError

NAME = re.compile(r"(\d\d)-([a-z0-9]+(?:-[a-z0-9]+)*)")
"""A lab's directory: its number and its slug."""

# What the author does about a bad value, by key.
_MENDS = {
    "format": "write: format = 1",
    "title": 'write the lab\'s title, in quotes: title = "Gunicorn under systemd"',
    "minutes": "write the measured minutes, a whole number: minutes = 30",
    "starts_from": "write the slug of the lab whose solved server this one starts "
    'on, or "" for the bare server: starts_from = "service-user"',
    "changes": "list what solving touches, in quotes: "
    'changes = ["/etc/systemd/system/board.service"]',
    "variants": "list the drill's causes, each the name of a script in variants/, or "
    "write: variants = []",
}


class LabFile(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """lab.toml, format 1."""

    format: Literal[1]
    title: Annotated[str, Meta(min_length=1)]
    minutes: Annotated[int, Meta(gt=0)]
    starts_from: str
    changes: list[str]
    variants: list[str] = []


@dataclass(frozen=True)
class Lab:
    """One lab: `number` is its place, `slug` its permanent id."""

    number: str
    slug: str
    path: Path
    file: LabFile

    @property
    def name(self) -> str:
        """The name that chapter, lab and solution share."""
        return f"{self.number}-{self.slug}"

    @property
    def own(self) -> str:
        """The name of the state that is the learner's own solved server."""
        return f"own-{self.slug}"

    @property
    def variants(self) -> list[str]:
        """The names of its starts: a drill's variants, or "" alone."""
        return self.file.variants or [""]

    @property
    def solution(self) -> Path:
        """The directory of the reference solution."""
        return self.path.parent.parent / "solutions" / self.name


def load(path: Path) -> Lab:
    """Read one lab's directory.

    Raises:
        LabError: naming file, key and mend, when lab.toml is missing or broken.
    """
    match = NAME.fullmatch(path.name)
    if not match:
        raise LabError(
            f"labs/{path.name} is not named like a lab.",
            "A lab's directory is two digits and a slug: 06-gunicorn-systemd.",
            f"rename it or move it away: mv labs/{path.name} ...",
        )
    where = f"labs/{path.name}/lab.toml"
    try:
        raw = tomllib.loads((path / "lab.toml").read_text())
    except FileNotFoundError:
        raise LabError(
            f"{where} is missing.",
            "Each lab has one; it says the lab's title, minutes and start.",
            f"git checkout {where}",
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LabError(
            f"{where} is not valid TOML: {error}.",
            "Without it labkit does not know the lab.",
            f"mend that line, or: git checkout {where}",
        ) from error
    try:
        file = msgspec.convert(raw, LabFile)
    except msgspec.ValidationError as error:
        found = re.search(r"\$\.(\w+)|field `(\w+)`", str(error))
        key = (found[1] or found[2]) if found else ""
        what = str(error).partition(" - at")[0].replace("`", "")
        mend = _MENDS.get(key, f"remove the key, or choose of: {', '.join(_MENDS)}")
        raise LabError(
            f"{where}: {key}: {what}.",
            "labkit reads this file strictly, so that a typing error is seen here "
            "and not in the middle of a lab.",
            mend,
        ) from error
    return Lab(match[1], match[2], path, file)


def all_labs(root: Path) -> list[Lab]:
    """Every lab of the repository at `root`, in order."""
    return [load(path) for path in sorted((root / "labs").iterdir()) if path.is_dir()]


def by_slug(root: Path, slug: str) -> Lab:
    """The lab with exactly this slug.

    Raises:
        LabError: when there is none, as after a change of branch.
    """
    for path in sorted((root / "labs").glob(f"[0-9][0-9]-{slug}")):
        return load(path)
    raise LabError(
        f"This checkout has no lab called {slug}.",
        "Another version of the book had, or a lab.toml names it by mistake.",
        "see which labs there are: ./lab",
    )


def find(root: Path, text: str) -> Lab:
    """The lab that a reader means by a number, a slug or the beginning of one.

    Raises:
        LabError: when none or more than one fits.
    """
    labs = all_labs(root)
    number = text.zfill(2) if text.isdigit() else None
    exact = [
        lab for lab in labs if text in (lab.slug, lab.name) or number == lab.number
    ]
    fits = exact or [
        lab for lab in labs if text and (lab.slug + "\n" + lab.name).find(text) >= 0
    ]
    if len(fits) == 1:
        return fits[0]
    if fits:
        names = ", ".join(lab.name for lab in fits)
        raise LabError(
            f"'{text}' fits more than one lab: {names}.",
            "A lab is named by its number or by its slug.",
            f"./lab start {fits[0].number}",
        )
    raise LabError(
        f"There is no lab '{text}'.",
        "The labs here: " + ", ".join(lab.name for lab in labs) + ".",
        f"./lab start {labs[0].number}" if labs else "git status",
    )

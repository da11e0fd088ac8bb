"""dev new: the skeleton of a chapter, its lab and its solution."""

import re
from pathlib import Path

from labkit import labs, pages, skeleton
from labkit.commands.session import Session
from labkit.console import say
from labkit.errors import LabError

_PLACES = ("book", "book/listings", "labs", "solutions")


def new(session: Session, number: str, slug: str) -> None:
    """Lay out lab `number` and its chapter, and say what to do with it.

    Raises:
        LabError: when number or slug is taken, or is none.
    """
    root = session.root
    number = number.zfill(2)
    with session.checkout.working("dev new"):
        if not re.fullmatch(labs.NAME, f"{number}-{slug}"):
            raise LabError(
                f"'{number} {slug}' is no number and slug.",
                "A number has two digits; a slug is its permanent id: small letters, "
                "digits, and hyphens between words.",
                "./lab dev new 06 gunicorn-systemd",
            )
        if taken := _taken(root, number, slug):
            raise LabError(
                f"{taken.relative_to(root)} is there already.",
                "Chapter, lab and solution share a number and a slug, and each of "
                "both is given once.",
                "choose another number or slug, or go on there: ./lab dev lint "
                + taken.name[:2],
            )
        before = [lab for lab in labs.all_labs(root) if lab.number < number]
        starts_from = before[-1].slug if before else ""
        skeleton.lay_out(root, number, slug, _title(root, number, slug), starts_from)
        pages.write(root)  # some list every lab
    say(f"The skeleton of lab {number} is laid out:", "bold")
    for place in (f"book/{number}-{slug}.md", f"labs/{number}-{slug}/"):
        say(f"  {place}")
    say(f"  solutions/{number}-{slug}/")
    say(f"It starts from {starts_from or 'the bare server'}: see its lab.toml.")
    say(f"Next: ./lab dev lint {number}, which says what is to be written", "bold")


def _taken(root: Path, number: str, slug: str) -> Path | None:
    """What has this number or this slug already."""
    for place in _PLACES:
        for path in sorted((root / place).glob("[0-9][0-9]-*")):
            theirs, _, name = path.name.removesuffix(".md").partition("-")
            if number == theirs or slug == name:
                return path
    return None


def _title(root: Path, number: str, slug: str) -> str:
    """The title that README.md's map has planned, or else the slug's words."""
    row = rf"^\| {number} \| ([^\[|]+?) \| planned \|$"
    planned = re.search(row, (root / "README.md").read_text(), re.MULTILINE)
    return planned[1] if planned else slug.replace("-", " ").capitalize()

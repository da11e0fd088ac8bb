"""Variants: the causes of a lab that is a drill, one of which each learner gets.

lab.toml names them, and each is a script: labs/NN-slug/variants/NAME.sh breaks the
server that the lab starts from, after start.sh if there is one. Its head is

    # title: The socket belongs to root
    # symptom: Every page is a 502, and nginx's log says: Permission denied.
    # section: Permission denied

The title is told to whoever has mended it. Symptom and section, the heading below which
the chapter treats it, go into the book's page of symptoms, where all of them stand.
Which one a server has, nothing at the terminal tells, and no log of labkit's.
"""

from dataclasses import dataclass
from pathlib import Path

from labkit import faults
from labkit.errors import LabError
from labkit.labs import Lab

_KEYS = ("title", "symptom", "section")


@dataclass(frozen=True)
class Variant:
    """One cause."""

    path: Path
    title: str
    symptom: str
    section: str


def of(lab: Lab) -> list[Variant]:
    """A drill's variants, in the order of its lab.toml; none of another lab.

    Raises:
        LabError: when a script is missing, or its head is not as it should be.
    """
    return [named(lab, name) for name in lab.file.variants]


def named(lab: Lab, name: str) -> Variant:
    """The variant of a drill with this name; the first for "".

    Raises:
        LabError: when its script is missing, or its head is not as it should be.
    """
    name = name or lab.variants[0]
    path = lab.path / "variants" / f"{name}.sh"
    where = f"labs/{lab.name}/variants/{name}.sh"
    if name not in lab.file.variants or not path.is_file():
        raise LabError(
            f"{where}: there is no such variant.",
            "Each variant in lab.toml is the name of a script, and each script a "
            "variant.",
            f"write {where}, or: git checkout labs/{lab.name}",
        )
    head = faults.head(path, _KEYS)
    return Variant(path, *(head[key] for key in _KEYS))

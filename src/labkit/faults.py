"""Faults: scripts that break a solved server in one way, for proofs and drills.

The head of labs/NN-slug/faults/NAME.sh, after the first line, is

    # title: The socket belongs to root
    # symptom: Every page is a 502 since this morning.
    # section: The socket is somebody else's
    # fails: test_nginx_can_reach_the_socket
    # says: root
    # reboot: no

`section` is the heading below which the chapter treats this symptom; `fails` names
the checks that fail by it (comma or blank between them; their dependents are blocked),
or is `none` for a decoy; `says` is what the *found* of each must hold; `reboot: yes`
restarts the server before it is looked at. As a drill, a fault that only a check with a
reboot can find restarts it as well: its symptom is one of after the reboot.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from labkit.errors import LabError
from labkit.labs import Lab

_KEYS = ("title", "symptom", "section", "fails", "says", "reboot")


@dataclass(frozen=True)
class Fault:
    """One fault; `fails` is empty for a decoy."""

    path: Path
    title: str
    symptom: str
    section: str
    fails: frozenset[str]
    says: str
    reboot: bool

    @property
    def name(self) -> str:
        """The script's name without its ending."""
        return self.path.stem

    @property
    def body(self) -> str:
        """What the script does: its text without first line, head and set."""
        lines = self.path.read_text().splitlines()
        head = re.compile(rf"#!|# ({'|'.join(_KEYS)}):|set -euo pipefail$")
        return "\n".join(line for line in lines if not head.match(line))


def of(lab: Lab) -> list[Fault]:
    """A lab's faults, by name.

    Raises:
        LabError: naming file, key and mend, when a head is not as it should be.
    """
    return [read(path) for path in sorted((lab.path / "faults").glob("*.sh"))]


def named(lab: Lab, name: str) -> Fault:
    """The fault of a lab with this name.

    Raises:
        LabError: when there is none.
    """
    path = lab.path / "faults" / f"{name}.sh"
    if not re.fullmatch(r"[\w-]+", name) or not path.is_file():
        raise LabError(
            f"Lab {lab.number} has no fault '{name}'.",
            f"Its faults are the scripts in labs/{lab.name}/faults.",
            f"./lab break {lab.number}, for one by chance",
        )
    return read(path)


def read(path: Path) -> Fault:
    """Read the head of a fault's script.

    Raises:
        LabError: naming file, key and mend, when it is not as it should be.
    """
    said = head(path, _KEYS)
    if said["reboot"] not in ("yes", "no"):
        raise _broken(path, "reboot", f"'{said['reboot']}'", "# reboot: no")
    fails = frozenset(re.split(r"[,\s]+", said["fails"])) - {"none"}
    return Fault(
        path,
        said["title"],
        said["symptom"],
        said["section"],
        fails,
        said["says"],
        said["reboot"] == "yes",
    )


def head(path: Path, keys: tuple[str, ...]) -> dict[str, str]:
    """The head of a script that breaks something, by key.

    Raises:
        LabError: naming file, key and mend, when one of `keys` is missing.
    """
    said = dict(re.findall(r"^# (\w+): *(.*?) *$", path.read_text(), re.MULTILINE))
    for key in keys:
        if not said.get(key):
            raise _broken(path, key, "missing", f"# {key}: ...")
    return said


def _broken(path: Path, key: str, found: str, mend: str) -> LabError:
    return LabError(
        f"{'/'.join(path.parts[-4:])}: {key}: {found}.",
        "The head of such a script says what it breaks, and how that looks.",
        f"write a line: {mend}",
    )

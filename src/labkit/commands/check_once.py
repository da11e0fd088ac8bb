"""For `lab dev bench`: what `lab check` does, on any server and directory of checks.

    python -m labkit.commands.check_once SERVER DIRECTORY [--decline=WHAT ...]

A module of its own, since what a command imports is part of what it costs.
"""

import dataclasses
import sys
from pathlib import Path

from labkit import labs
from labkit.cli import app  # noqa: F401 (which `lab check` has loaded as well)
from labkit.commands import check, session

if __name__ == "__main__":
    name, path, *declined = sys.argv[1:]
    here = session.open_session(name)
    lab = dataclasses.replace(labs.find(here.root, "01"), path=Path(path))
    decline = [option.removeprefix("--decline=") for option in declined]
    check.look(here, lab, decline=decline, heard=check.Teller())

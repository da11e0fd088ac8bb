"""What `lab check` does, on any server and directory of checks.

    python -m labkit.bench.check_once SERVER KIND DIRECTORY [--decline=WHAT ...]

A program of its own, since what a command imports is part of what it costs. The kind
is known, as it is to a learner's `lab check`, and not to be looked for.
"""

import sys
from pathlib import Path

from labkit import ssh
from labkit.collecting import seldom

ROOT = Path(__file__).resolve().parents[3]


def main(name: str, kind: str, path: str, *declined: str) -> int:
    """Run the checks; returns the exit code."""
    import dataclasses

    from labkit import labs
    from labkit.checkout import Checkout
    from labkit.cli import app  # noqa: F401 (which `lab check` has loaded as well)
    from labkit.commands import check
    from labkit.commands.session import Session
    from labkit.machines import Server

    lab = dataclasses.replace(labs.find(ROOT, "01"), path=Path(path))
    decline = [option.removeprefix("--decline=") for option in declined]
    session = Session(Checkout(ROOT), Server(Checkout(ROOT), name, kind))
    report = check.look(session, lab, decline=decline, heard=check.Teller())
    return check.exit_code(report)


if __name__ == "__main__":
    config = ROOT / ".lab" / f"ssh_config.{sys.argv[1]}"
    with seldom(), ssh.begun(config, sys.argv[1]):
        sys.exit(main(*sys.argv[1:]))

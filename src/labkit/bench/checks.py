"""The ways to run the same checks on the same server, side by side."""

import dataclasses
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from labkit import labs, servers, states
from labkit.bench.record import Budget, Measured, Row
from labkit.bench.timing import Way, process, side_by_side
from labkit.checks.shell import ShellBackend
from labkit.commands import check, watch
from labkit.commands.session import Session
from labkit.console import step
from labkit.image import digest
from labkit.labs import Lab
from labkit.machines import Server

ORDINARY = Path(__file__).with_name("ordinary_checks")
"""Fifteen checks such as any lab has: what a way costs, and little else."""
_PINS = Path(__file__).with_name("paramiko.txt")

FLOOR = "one ssh, one script"
OURS = "lab check"
PLAIN = "pytest over ssh"
PARAMIKO = "pytest over paramiko"
CONSOLE = "pytest over docker exec"


def measure(session: Session) -> Measured:
    """The ordinary checks in all ways; lab 01's as `lab check` and plain pytest."""
    lab = labs.find(session.root, "01")
    states.to_solved(session.root, session.server, lab)
    ordinary = side_by_side("15 ordinary checks", ways(session, ORDINARY))
    rows = [Row(f"15 ordinary checks: {way}", ordinary[way], "s") for way in ordinary]
    least, ours_ = ordinary[FLOOR], ordinary[OURS]
    budgets = [
        Budget(
            "`lab check` of 15 checks, against 1.5 times the floor and 0.4 s",
            ours_,
            1.5 * least + 0.4,
            "s",
        ),
        Budget(
            f"`lab check` of 15 checks, as part of {PLAIN}",
            ours_ / ordinary[PLAIN],
            1 / 6,
            "times",
        ),
        Budget(
            f"`lab check` of 15 checks, as part of {PARAMIKO}",
            ours_ / ordinary[PARAMIKO],
            1 / 2,
            "times",
        ),
    ]
    calm = side_by_side("Lab 01, calm checks", _both(session, lab, watch.CALM))
    budgets.append(
        Budget(
            f"`lab check` of lab 01, calm checks, as part of {PLAIN}",
            calm[OURS] / calm[PLAIN],
            1 / 3,
            "times",
        )
    )
    # Docker waits longer each time before it starts again what has rebooted within
    # ten seconds.
    every = side_by_side("Lab 01, all checks", _both(session, lab, ()), 3, pause=11)
    for what, taken in ("calm", calm), ("all", every):
        rows += [Row(f"lab 01, {what} checks: {way}", taken[way], "s") for way in taken]
    return Measured(rows, budgets)


def ways(session: Session, path: Path) -> dict[str, Way]:
    """How the checks in a directory can be run. All of them pass on the server."""
    name = session.server.name
    hosts = {
        PLAIN: f"ssh://{name}",
        PARAMIKO: f"paramiko://{name}",
    }
    if session.server.kind_name == "docker":
        hosts[CONSOLE] = f"docker://{session.server.unique_name}"
    return {
        FLOOR: floor(session.server, script(session, path)),
        OURS: ours(session.server, path),
        **{way: _plain(session, path, host) for way, host in hosts.items()},
    }


def _both(session: Session, lab: Lab, decline: tuple[str, ...]) -> dict[str, Way]:
    options = [f"--decline={what}" for what in decline]
    host = f"ssh://{session.server.name}"
    return {
        # What is left out is not green: its exit code is that of a red check.
        OURS: ours(session.server, lab.path, *options, ends=(0, 1)),
        PLAIN: _plain(session, lab.path, host, *options),
    }


def floor(server: Server, script: str) -> Way:
    """One ssh that runs a script: below this no way to ask the same can come."""
    config = str(servers.ssh_config(server))
    argv = ["ssh", "-F", config, server.name, "sudo /bin/sh -s"]
    return process(argv, stdin=script)


def ours(
    server: Server, path: Path, *options: str, ends: tuple[int, ...] = (0,)
) -> Way:
    """What `lab check` does."""
    once = [sys.executable, "-m", "labkit.bench.check_once"]
    argv = [*once, server.name, server.kind_name, str(path), *options]
    return process(argv, ends=ends)


def _plain(session: Session, path: Path, host: str, *options: str) -> Way:
    argv = [
        *(sys.executable, "-m", "pytest", str(path), "-p", "labkit.checks.plugin"),
        *("-c", "/dev/null", f"--rootdir={session.root}", "-p", "no:cacheprovider"),
        *("-p", "no:xdist"),  # this repository's own tests have that one
        *(f"--hosts={host}", f"--ssh-config={servers.ssh_config(session.server)}"),
    ]
    if not host.startswith("paramiko:"):
        return process([*argv, *options])
    found = [os.environ.get("PYTHONPATH"), str(paramiko(session.root))]
    return process([*argv, *options], PYTHONPATH=os.pathsep.join(filter(None, found)))


def paramiko(root: Path) -> Path:
    """The directory of paramiko, which is fetched when it is not there.

    Raises:
        LabError: when pip can't have it.
    """
    place = root / "build" / "bench" / f"paramiko-{digest([_PINS], _PINS.parent)}"
    if not place.exists():
        part = place.with_name(f"{place.name}.part")
        shutil.rmtree(part, ignore_errors=True)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes"]
        with step("Fetching paramiko, for the comparison alone"):
            process([*pip, "--target", str(part), "--requirement", str(_PINS)])()
        part.rename(place)
    return place


def script(session: Session, path: Path) -> str:
    """What the checks in a directory ask the server, as one shell script."""
    lab = dataclasses.replace(labs.find(session.root, "01"), path=path)
    with _asked() as commands:
        check.look(session, lab)
    return "".join(f"({command}) </dev/null\n" for command in commands) + "exit 0\n"


@contextmanager
def _asked() -> Iterator[list[str]]:
    """All commands that checks send over labkit's shell while the block runs."""
    commands: list[str] = []
    run: Callable[..., Any] = ShellBackend.run

    def recorded(self: ShellBackend, command: str, *args: str, **kwargs: Any) -> Any:
        commands.append(self.quote(command, *args))
        return run(self, command, *args, **kwargs)

    ShellBackend.run = recorded  # type: ignore[method-assign]
    try:
        yield commands
    finally:
        ShellBackend.run = run  # type: ignore[method-assign]

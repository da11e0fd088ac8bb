"""Taking times side by side: what is compared takes turns, and the median counts."""

import os
import platform
import re
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from statistics import median

from labkit import doctor
from labkit.console import step
from labkit.errors import LabError

# Each way is measured this often.
ROUNDS = 7

Way = Callable[[], object]


def seconds(way: Way) -> float:
    """How many seconds it takes."""
    began = time.monotonic()
    way()
    return time.monotonic() - began


def side_by_side(
    title: str, ways: Mapping[str, Way], rounds: int = ROUNDS, *, pause: float = 0
) -> dict[str, float]:
    """Each way's median in seconds: all take turns, so that what slows the computer
    down for a while slows them all down. Before each, `pause` seconds go by."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    with step(f"{title}, {rounds} rounds"):
        for way in ways.values():
            way()  # once for nothing: files are read, and Python's are compiled
        for _ in range(rounds):
            for name, way in ways.items():
                time.sleep(pause)
                taken[name].append(seconds(way))
    return {name: median(times) for name, times in taken.items()}


def process(
    argv: Sequence[str], *, stdin: str = "", ends: Sequence[int] = (0,), **extra: str
) -> Way:
    """A way that runs a program, with `extra` in its environment.

    Raises:
        LabError: when run, if it ends otherwise than with one of `ends`: then it has
            not done what it was measured for.
    """

    # A learner's Python keeps what it has compiled, whatever is set here.
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}

    def way() -> None:
        done = subprocess.run(
            argv, input=stdin, capture_output=True, text=True, env=kept | extra
        )
        if done.returncode not in ends:
            said = (done.stdout + done.stderr).strip()[-600:]
            raise LabError(
                f"What was to be measured ended with {done.returncode}.",
                f"It was: {' '.join(argv)[:200]}. Its last words: {said}",
                "run it by hand",
            )

    return way


def computer() -> str:
    """This computer, in words."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), {memory:.0f} GiB of memory, "
        f"Linux {platform.release().partition('-')[0]}"
    )


def versions() -> dict[str, str]:
    """The versions of the programs on this computer that the times depend on."""
    said = doctor.ask(
        {
            "OpenSSH": ["ssh", "-V"],
            "Docker": ["docker", "version", "--format", "{{.Server.Version}}"],
            "Vagrant": ["vagrant", "--version"],
        }
    )
    found = {
        name: number[0]
        for name, one in said.items()
        if one.code == 0 and (number := re.search(r"\d+\.\d[\w.+-]*", one.text))
    }
    return {"Python": platform.python_version(), **found}

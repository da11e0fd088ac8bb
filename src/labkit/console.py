"""What the command line prints: plain lines, in 80 columns, in reading order.

Progress is lines too, not a spinner: a screen reader, a log file and CI read
them as they are. Results go to standard output, progress and errors to standard
error, so that `--json` stays clean.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from labkit.errors import LabError

WIDTH = 80


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False, emoji=False)
    if console.width > WIDTH or not console.is_terminal:
        console = Console(stderr=stderr, highlight=False, emoji=False, width=WIDTH)
    return console


def say(text: str = "", style: str | None = None) -> None:
    """Print a result on standard output, wrapped; `text` is never markup."""
    _console(stderr=False).print(text, style=style, markup=False)


def note(text: str, style: str | None = None) -> None:
    """Print a line of progress on standard error."""
    sys.stdout.flush()
    _console(stderr=True).print(text, style=style, markup=False)


def markdown(text: str) -> None:
    """Print Markdown on standard output."""
    from rich.markdown import Markdown

    _console(stderr=False).print(Markdown(text))


def code(text: str, language: str) -> None:
    """Print source code on standard output, in colour where there is colour."""
    from rich.syntax import Syntax

    _console(stderr=False).print(
        Syntax(text, language, theme="ansi_dark", background_color="default")
    )


@contextmanager
def step(title: str) -> Iterator[None]:
    """Say what begins, and how many seconds it took when it has ended well."""
    note(f"{title} ...")
    began = time.monotonic()
    yield
    note(f"  done, {time.monotonic() - began:.1f} s", style="dim")


def explain(error: LabError) -> None:
    """Print an error: what happened, why, and the next command."""
    note(f"Error: {error.what}", style="bold red")
    note(error.why)
    note(f"Next: {error.next}", style="bold")

"""What the command line prints: plain lines, in 80 columns, in reading order.

Progress is lines too, not a spinner: a screen reader, a log file and CI read
them as they are. Results go to standard output, progress and errors to standard
error, so that `--json` stays clean.
"""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from labkit.errors import LabError

WIDTH = 80
SILENCE_SECONDS = 8
_last_line = 0.0


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
    global _last_line
    _last_line = time.monotonic()
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
    """Say what begins, how many seconds it took when it has ended well, and in
    between that it is still at work, whenever nothing else is said for a while.
    """
    note(f"{title} ...")
    began = time.monotonic()
    over = threading.Event()

    def keep_company() -> None:
        while not over.wait(1):
            if time.monotonic() - _last_line >= SILENCE_SECONDS:
                note(f"  still at work, {time.monotonic() - began:.0f} s", style="dim")

    threading.Thread(target=keep_company, daemon=True).start()
    try:
        yield
    finally:
        over.set()
    note(f"  done, {time.monotonic() - began:.1f} s", style="dim")


def explain(error: LabError) -> None:
    """Print an error: what happened, why, and the next command."""
    note(f"Error: {error.what}", style="bold red")
    note(error.why)
    note(f"Next: {error.next}", style="bold")

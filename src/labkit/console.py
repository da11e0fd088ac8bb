"""What the command line prints: plain lines, in 80 columns, in reading order.

Progress is lines too, not a spinner: a screen reader, a log file and CI read
them as they are. Results go to standard output, progress and errors to standard
error, so that `--json` stays clean.
"""

import os
import shutil
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from labkit.errors import LabError

if TYPE_CHECKING:  # it takes as long to import as all of labkit's own modules
    from rich.console import Console

WIDTH = 80
SILENCE_SECONDS = 8
_last_line = 0.0


def _width() -> int:
    return min(WIDTH, shutil.get_terminal_size((WIDTH, 0)).columns)


def _print(text: str, style: str | None, *, stderr: bool) -> None:
    lines = [
        part
        for line in text.split("\n")
        for part in textwrap.wrap(line, _width(), break_on_hyphens=False) or [""]
    ]
    words = set((style or "").split())
    plain = "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
    typer.secho(
        "\n".join(lines),
        err=stderr,
        color=False if plain else None,  # None: where there is a terminal
        bold="bold" in words or None,
        dim="dim" in words or None,
        fg=next(iter(words - {"bold", "dim"}), None),
    )


def say(text: str = "", style: str | None = None) -> None:
    """Print a result on standard output, wrapped between words; `style` is made of
    bold, dim and a colour."""
    _print(text, style, stderr=False)


def note(text: str, style: str | None = None) -> None:
    """Print a line of progress on standard error."""
    global _last_line
    _last_line = time.monotonic()
    sys.stdout.flush()
    _print(text, style, stderr=True)


def _console() -> "Console":
    from rich.console import Console

    return Console(width=_width())


def markdown(text: str) -> None:
    """Print Markdown on standard output."""
    from rich.markdown import Markdown

    _console().print(Markdown(text))


def code(text: str, language: str) -> None:
    """Print source code on standard output: on a terminal wrapped and in colour, else
    as it is."""
    if not sys.stdout.isatty():
        typer.echo(text.rstrip("\n"))
        return
    from rich.syntax import Syntax

    shown = Syntax(
        text,
        language,
        theme="ansi_dark",
        background_color="default",
        word_wrap=True,
    )
    _console().print(shown)


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

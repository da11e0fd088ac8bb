"""The recorded run on the site's first page: `lab demo`, from red to green.

book/red-to-green.txt holds what it printed, and at which second: a number, a tab and
the line. `lab dev record` writes it.
"""

import re
import subprocess
import sys
import time
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from labkit import files
from labkit.errors import LabError

FILE = "book/red-to-green.txt"
_OUTCOMES = {"fail": "red", "error": "red", "blocked": "red", "pass": "green"}
_CAPTION = (
    "<code>./lab demo</code>, as it ran on {day}, in {seconds:.0f} seconds: lab 01 "
    "red, the reference solution, and green."
)


def record(root: Path) -> None:
    """Run `lab demo` and keep what it prints.

    Raises:
        LabError: when the demo fails; what was kept before stays.
    """
    lines = [datetime.now(UTC).date().isoformat()]
    began = time.monotonic()
    argv = [sys.executable, "-m", "labkit", "demo"]
    with subprocess.Popen(
        argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as demo:
        assert demo.stdout
        for line in demo.stdout:
            print(line, end="")
            lines.append(f"{time.monotonic() - began:.1f}\t{line.rstrip()}")
    if demo.returncode:
        raise LabError(
            "The demo failed, so nothing was recorded.",
            "Its own words are above.",
            "./lab demo",
        )
    files.write(root / FILE, "\n".join(lines) + "\n", mode=0o644)


def as_html(text: str) -> str:
    """A recording as text in colours, with a caption: nothing to load, and a screen
    reader reads it. Parts of a check's message go with its first line.
    """
    day, *rows = text.splitlines()
    moments, _, lines = zip(*(row.partition("\t") for row in rows), strict=True)
    shown = "".join(_line(line) for line in lines)
    caption = _CAPTION.format(day=day, seconds=float(moments[-1]))
    return (
        '<figure class="recorded">'
        '<pre tabindex="0" role="region" aria-label="A recorded run">'
        f"{shown}</pre><figcaption>{caption}</figcaption></figure>"
    )


def _line(line: str) -> str:
    outcome = re.match(r" (\w+) {3}", line)
    if outcome and outcome[1].lower() in _OUTCOMES:
        return f'<span class="{_OUTCOMES[outcome[1].lower()]}">{escape(line)}</span>\n'
    if re.match(r"\d\. ", line):
        return f'<span class="step">{escape(line)}</span>\n'
    return escape(line) + "\n"

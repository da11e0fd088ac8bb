"""What is printed has at most 80 columns, and a style only where a terminal has one."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios

import pytest

SAY = f"from labkit.console import say; say({'four ' * 30!r}, 'bold red')"


CODE = f"from labkit.console import code; code({'a-long-word ' * 20!r}, 'bash')"


def on_a_terminal(columns: int, program: str = SAY, **extra: str) -> str:
    """What a program prints on a terminal of so many columns."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    own = ("COLUMNS", "NO_COLOR", "TERM")
    known = {k: v for k, v in os.environ.items() if k not in own}
    subprocess.run([sys.executable, "-c", program], stdout=its, env=known | extra)
    os.close(its)
    try:
        return os.read(ours, 4096).decode()
    finally:
        os.close(ours)


@pytest.mark.parametrize(("columns", "words"), [(40, 8), (200, 16)])
def test_lines_fit_the_terminal_and_eighty_columns(columns: int, words: int) -> None:
    said = on_a_terminal(columns, TERM="xterm")
    assert "\x1b[1m" in said
    assert "\x1b[31m" in said
    lines = said.replace("\x1b[1m", "").replace("\x1b[31m", "").replace("\x1b[0m", "")
    assert max(line.count("four") for line in lines.splitlines()) == words


@pytest.mark.parametrize(
    "plain", [{"TERM": "dumb"}, {"TERM": "xterm", "NO_COLOR": "1"}]
)
def test_no_style_where_none_is_wanted(plain: dict[str, str]) -> None:
    assert "\x1b" not in on_a_terminal(80, **plain)


def test_no_style_in_a_file() -> None:
    said = subprocess.run([sys.executable, "-c", SAY], capture_output=True, text=True)
    assert "\x1b" not in said.stdout
    assert [len(line) for line in said.stdout.splitlines()] == [79, 69]


def test_of_source_code_nothing_is_cut_off() -> None:
    said = on_a_terminal(40, CODE, TERM="xterm")
    assert said.count("a-long-word") == 20
    assert len(said.splitlines()) > 5
    plain = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True
    ).stdout
    assert plain.count("\n") == 1

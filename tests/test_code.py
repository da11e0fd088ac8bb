"""The code is formatted, linted and typed; nothing names this computer."""

import re
import subprocess
import sys

import pytest

from place import ROOT


@pytest.mark.parametrize(
    "argv",
    [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy"],
    ],
    ids=["ruff check", "ruff format", "mypy"],
)
def test_tool_has_no_complaint(argv: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *argv], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def tracked() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return listed.stdout.splitlines()


def test_shell_scripts_parse() -> None:
    for name in tracked():
        path = ROOT / name
        first = path.read_bytes().split(b"\n", 1)[0]
        if first.startswith(b"#!") and first.endswith((b"/sh", b"bash")):
            shell = "sh" if first.endswith(b"/sh") else "bash"
            subprocess.run([shell, "-n", str(path)], check=True)


def test_no_registry_is_named() -> None:
    host = re.compile(r"https?://[a-z.]*(debian|pypi|pythonhosted|npmjs)[.][a-z]+")
    for name in tracked():
        path = ROOT / name
        if path.suffix not in (".png", ".img") and name != "tests/test_code.py":
            assert not host.search(path.read_text()), name


def test_requirements_are_pinned_with_hashes() -> None:
    for name in ("requirements.txt", "server/shelf/wheels.txt"):
        text = (ROOT / name).read_text().replace("\\\n", " ")
        pins = [line for line in text.splitlines() if re.match(r"[a-z]", line, re.I)]
        assert pins
        for pin in pins:
            assert re.match(r"[\w.\[\]-]+==\S+", pin), pin
            assert "--hash=sha256:" in pin, pin

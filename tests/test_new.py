"""`lab dev new`: all of a skeleton or nothing, and what it lays out is in order."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from labkit import lint, skeleton
from place import ROOT, Place, told

MADE = (
    "book/07-reverse-proxy.md",
    "labs/07-reverse-proxy",
    "solutions/07-reverse-proxy",
)


def test_only_what_the_author_writes_is_missing(place: Place) -> None:
    said = place.lab("dev", "new", "7", "reverse-proxy")
    assert "./lab dev lint 07" in said.stdout
    for made in MADE:
        assert made in said.stdout
        assert (place.root / made).exists()
    assert 'title = "nginx in front, over a socket"' in (
        (place.root / MADE[1] / "lab.toml").read_text()
    ), "as README.md's map has planned it"
    assert 'starts_from = "service-user"' in (
        (place.root / MADE[1] / "lab.toml").read_text()
    ), "the lab before it"
    found = lint.of_lab(place.root, place.root / MADE[1])
    other = [one for one in found if not one.what.startswith("to be written: ")]
    assert [one.file for one in other] == ["README.md"], "\n".join(map(str, other))
    assert len(found) > 40
    assert not lint.of_repository(place.root)
    for tool in (["ruff", "check"], ["ruff", "format", "--check"], ["mypy"]):
        config = [f"--config-file={ROOT}/pyproject.toml"] if tool == ["mypy"] else []
        argv = [sys.executable, "-m", *tool, *config, str(place.root / MADE[1])]
        done = subprocess.run(argv, cwd=place.root, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout
    assert not list(place.root.glob(".new-*"))


def test_written_it_passes(place: Place) -> None:
    """With each marker replaced, what is left is the length of the two texts."""
    place.lab("dev", "new", "08", "drill")
    for path in place.root.glob("*/08-drill*/**/*"):
        if path.is_file():
            path.write_text(path.read_text().replace("TODO: ", "").replace("TODO", "x"))
    chapter = place.root / "book/08-drill.md"
    chapter.write_text(chapter.read_text().replace("TODO: ", ""))
    found = lint.of_lab(place.root, place.root / "labs/08-drill")
    what = sorted(one.what for one in found)
    assert len(what) == 3, "\n".join(map(str, found))
    assert [words.endswith("words") for words in what[:2]] == [True, True]
    assert what[2] == "the map has no such row for lab 08"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("05", "another"), "05-service-user"),
        (("5", "another"), "05-service-user"),
        (("09", "service-user"), "05-service-user"),
        (("09", "Nginx"), "no number and slug"),
        (("09", "two--hyphens"), "no number and slug"),
        (("nine", "nginx"), "no number and slug"),
        (("100", "nginx"), "no number and slug"),
        (("09", "../escape"), "no number and slug"),
    ],
)
def test_refused(place: Place, arguments: tuple[str, str], error: str) -> None:
    before = sorted((place.root / "labs").iterdir())
    assert error in told(place, "dev", "new", *arguments)
    assert sorted((place.root / "labs").iterdir()) == before


def tree(root: Path) -> list[Path]:
    return sorted(root.rglob("*"))


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    for part in ("book", "labs", "solutions"):
        (tmp_path / part).mkdir()
    return tmp_path


def test_a_full_disk_leaves_nothing(
    empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, write = tree(empty), Path.write_text

    def full(path: Path, text: str) -> int:
        if path.name == "solve.sh":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(path, text)

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space left"):
        skeleton.lay_out(empty, "07", "nginx", "nginx", "")
    assert tree(empty) == before


@pytest.mark.parametrize("at", [1, 2, 3])
def test_ctrl_c_leaves_nothing(
    empty: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    before, rename = tree(empty), Path.rename
    left = [at]

    def interrupted(path: Path, target: Path) -> Path:
        left[0] -= 1
        if left[0] == 0:
            raise KeyboardInterrupt
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        skeleton.lay_out(empty, "07", "nginx", "nginx", "")
    assert tree(empty) == before

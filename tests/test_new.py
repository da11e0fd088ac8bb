"""`lab dev new`: all of a skeleton or nothing, and what it lays out is in order."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from labkit import labs, lint, skeleton
from place import ROOT, Place, told

MADE = (
    "book/98-reverse-proxy.md",
    "labs/98-reverse-proxy",
    "solutions/98-reverse-proxy",
)


def test_only_what_the_author_writes_is_missing(place: Place) -> None:
    readme = place.root / "README.md"
    readme.write_text(readme.read_text() + "\n| 98 | In front | planned |\n")
    before = labs.all_labs(place.root)[-1]
    said = place.lab("dev", "new", "98", "reverse-proxy")
    assert "./lab dev lint 98" in said.stdout
    for made in MADE:
        assert made in said.stdout
        assert (place.root / made).exists()
    made_lab = labs.by_slug(place.root, "reverse-proxy")
    assert made_lab.file.title == "In front", "as README.md's map has planned it"
    assert made_lab.file.starts_from == before.slug
    found = lint.of_lab(place.root, made_lab.path)
    other = [one for one in found if not one.what.startswith("to be written: ")]
    assert [one.file for one in other] == ["README.md"], "\n".join(map(str, other))
    assert len(found) > 40
    assert not lint.of_repository(place.root)
    for tool in (["ruff", "check"], ["ruff", "format", "--check"], ["mypy"]):
        config = [f"--config-file={ROOT}/pyproject.toml"] if tool == ["mypy"] else []
        argv = [sys.executable, "-m", *tool, *config, str(made_lab.path)]
        done = subprocess.run(argv, cwd=place.root, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout
    assert not list(place.root.glob(".new-*"))


def test_written_it_passes(place: Place) -> None:
    """With each marker replaced, what is left is the length of the two texts."""
    place.lab("dev", "new", "99", "monday-blues")
    assert labs.by_slug(place.root, "monday-blues").file.title == "Monday blues"
    texts = [place.root / "book/99-monday-blues.md"]
    texts += place.root.glob("*/99-monday-blues/**/*")
    for path in texts:
        if path.is_file():
            path.write_text(path.read_text().replace("TODO: ", "").replace("TODO", "x"))
    found = lint.of_lab(place.root, place.root / "labs/99-monday-blues")
    what = sorted(one.what for one in found)
    assert len(what) == 3, "\n".join(map(str, found))
    assert [words.endswith("words") for words in what[:2]] == [True, True]
    assert what[2] == "the map has no such row for lab 99"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("05", "another"), "05-service-user"),
        (("5", "another"), "05-service-user"),
        (("97", "service-user"), "05-service-user"),
        (("97", "Nginx"), "no number and slug"),
        (("97", "two--hyphens"), "no number and slug"),
        (("nine", "nginx"), "no number and slug"),
        (("100", "nginx"), "no number and slug"),
        (("97", "../escape"), "no number and slug"),
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

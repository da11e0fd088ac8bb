"""./lab makes .venv by itself, from anywhere, in a path with spaces."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from place import Place


def run(
    path: Path, *arguments: str, cwd: Path, **extra: str
) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | extra
    return subprocess.run(
        [str(path), *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        env=environment,
    )


def test_first_use_through_a_symlink(
    new_place: Callable[[], Place], tmp_path: Path
) -> None:
    place = new_place()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/way").symlink_to(place.root / "lab")
    link = tmp_path / "my lab"
    link.symlink_to("bin/way")
    first = run(link, "--help", cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    assert "Making .venv" in first.stderr
    assert "Bring the server to the start of a lab" in first.stdout
    again = run(link, "--help", cwd=Path("/"))
    assert again.returncode == 0
    assert again.stderr == ""
    assert not list(place.root.glob(".venv.*"))


def test_python_that_is_missing_or_too_old(
    new_place: Callable[[], Place], tmp_path: Path
) -> None:
    place = new_place()
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("sh", "cat", "cksum", "dirname", "readlink"):
        found = shutil.which(name)
        assert found
        (tools / name).symlink_to(found)
    said = run(place.root / "lab", cwd=tmp_path, PATH=str(tools))
    assert said.returncode == 2
    assert "There is no python3" in said.stderr
    assert "./lab demo --install" in said.stderr
    old = tools / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2 || exit 1\n')
    old.chmod(0o755)
    said = run(place.root / "lab", cwd=tmp_path, PATH=str(tools))
    assert said.returncode == 2
    assert "Python 3.9.2 is too old" in said.stderr


def test_host_setup_does_nothing_where_nothing_is_missing(tmp_path: Path) -> None:
    script = Path(__file__).parents[1] / "server/host-setup.sh"
    done = run(script, "docker", "ssh", "python", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout + done.stderr == ""
    done = run(script, "teapot", cwd=tmp_path)
    assert done.returncode == 1
    assert "unknown need 'teapot'" in done.stderr

"""The Docker engine: reaching it, and its errors in words a reader can use."""

import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from labkit.errors import LabError

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.errors import APIError


class _Library:
    """Docker's library, imported when something of it is used for the first time: that
    takes as long as all else that `lab` does."""

    def __getattr__(self, name: str) -> Any:
        import docker

        return getattr(docker, name)


docker = _Library()

# Committing or saving a full server may take a while on a slow disk.
API_SECONDS = 600


def client() -> "DockerClient":
    """A connection to the Docker engine.

    Raises:
        LabError: when Docker is missing, not running, or not ours to use.
    """
    try:
        engine = _engine()
        engine.ping()
    except docker.errors.DockerException as error:
        raise _no_engine(str(error)) from error
    return engine


@cache
def _engine() -> "DockerClient":
    return docker.from_env(timeout=API_SECONDS)


def asked(*arguments: str) -> subprocess.CompletedProcess[str]:
    """What Docker's own command line answers: the quick way to a short answer.

    Raises:
        LabError: when Docker is missing, not running, or not ours to use.
    """
    argv = ["docker", *arguments]
    try:
        done = subprocess.run(argv, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise _no_engine(str(error)) from error
    if done.returncode != 0 and "No such" not in done.stderr:
        raise _no_engine(done.stderr)
    return done


def _no_engine(words: str) -> LabError:
    if "permission denied" in words.lower() or "PermissionError" in words:
        return LabError(
            "Docker runs, and you may not use it.",
            "Its socket belongs to root and the group docker, and your session is "
            "not in that group.",
            "sudo usermod -aG docker $USER, then log out and in again",
        )
    if not (shutil.which("docker") or shutil.which("dockerd")):
        return LabError(
            "There is no Docker on this computer.",
            "The lab server is a Docker container.",
            "./lab demo --install (on macOS: install Docker Desktop)",
        )
    return LabError(
        "Docker is installed and does not answer.",
        f"Its engine is not running, or runs elsewhere: {words.strip()[:300]}",
        "start Docker Desktop, or: ./lab demo --install",
    )


def check_control_groups(info: Mapping[str, Any]) -> None:
    """Make sure that the engine (`docker info`) can run Debian 13's systemd.

    Raises:
        LabError: when it uses version 1 of the kernel's control groups.
    """
    if info.get("CgroupVersion") == "1":
        raise LabError(
            "Docker uses version 1 of the kernel's control groups here.",
            "The lab server's systemd needs version 2, which Linux distributions "
            "have used since about 2021.",
            "start this computer with systemd.unified_cgroup_hierarchy=1 on the "
            "kernel's command line; on WSL, first: wsl --update",
        )


def explained(error: "APIError | str", doing: str) -> LabError:
    """The error for something that the engine answered it could not do."""
    words = error if isinstance(error, str) else str(error.explanation or error)
    if "no space left" in words:
        return LabError(
            f"The disk is full: Docker could not {doing}.",
            f"Docker says: {words}",
            "make room (docker system df shows what Docker holds) and repeat",
        )
    return LabError(
        f"Docker could not {doing}.",
        f"Docker says: {words}",
        "if that does not tell you what to mend: ./lab down, then repeat",
    )

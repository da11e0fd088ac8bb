"""What keeps Docker from running lab servers."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from labkit.doctor.seen import Finding, Said, Seen, last

OLDEST = (20, 10)


def docker(seen: Seen) -> Iterator[Finding]:
    """Docker: there, running, ours to use, and new enough."""
    said = seen.get("docker", Said(None, ""))
    info = _info(said)
    if said.code is None:
        yield Finding(
            "missing",
            "docker",
            "There is no Docker on this computer.",
            "A lab server of this kind is a Docker container.",
            "./lab demo --install (on macOS: install Docker Desktop)",
        )
    elif not info and "permission denied" in said.text.lower():
        yield Finding(
            "missing",
            "docker",
            "Docker runs, and you may not use it.",
            "Its socket belongs to root and the group docker, and your session is not "
            "in that group.",
            "sudo usermod -aG docker $USER, then log out and in again",
        )
    elif not info:
        yield Finding(
            "missing",
            "docker",
            "Docker is installed and does not answer.",
            f"It says: {last(said.text)}",
            "start Docker Desktop, or: ./lab demo --install",
        )
    else:
        yield from _engine(info)


def _info(said: Said) -> dict[str, Any]:
    """What the engine says of itself; empty where none answers."""
    for line in said.text.splitlines():
        if line.startswith("{"):
            # A client without its engine prints an empty form.
            told: dict[str, Any] = json.loads(line)
            return told if told.get("ServerVersion") else {}
    return {}


def _engine(info: Mapping[str, Any]) -> Iterator[Finding]:
    version = info["ServerVersion"]
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    if numbers < OLDEST:
        yield Finding(
            "missing",
            "docker",
            f"Docker is version {version}, and the labs need 20.10 or newer.",
            "Older ones can't give a container control groups of its own.",
            "install your system's present Docker: ./lab demo --install",
        )
    # Engines before 20.10 do not say.
    if info.get("CgroupVersion") == "1":
        yield Finding(
            "missing",
            "docker",
            "Docker uses version 1 of the kernel's control groups.",
            "The lab server's systemd needs version 2, which Linux distributions have "
            "used since about 2021.",
            "start this computer with systemd.unified_cgroup_hierarchy=1 on the "
            "kernel's command line; on WSL, first: wsl --update",
        )

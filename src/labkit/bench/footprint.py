"""What a server takes of the computer: memory, and disk."""

from pathlib import Path

from labkit import image, labs, servers, states
from labkit.bench.record import Measured, Row
from labkit.commands.session import Session
from labkit.engine import client
from labkit.machines import docker

_LABS = ("01", "21")
_MEGABYTE = 10**6

# The memory of all processes in kB, what several share being counted once.
_MEMORY = (
    "cat /proc/[0-9]*/smaps_rollup 2>/dev/null | awk '/^Pss:/ {n += $2} END {print n}'"
)


def measure(session: Session) -> Measured:
    """The memory of a server on which a lab is solved; images, boxes, states."""
    rows = []
    for number in _LABS:
        lab = labs.find(session.root, number)
        states.to_solved(session.root, session.server, lab)
        with servers.connected(session.server) as connection:
            used = int(connection.run(_MEMORY).stdout) * 1024 / _MEGABYTE
        rows.append(Row(f"memory of its processes, lab {number} solved", used, "MB"))
    if session.server.kind_name == "docker":
        rows += _images(session)
    for box in sorted(Path(session.root, "build", "box").rglob("*.box")):
        size = box.stat().st_size / _MEGABYTE
        rows.append(Row(f"the box {box.name}", size, "MB"))
    return Measured(rows)


def _images(session: Session) -> list[Row]:
    """The server's image, and what each kept state adds to what it was made from."""
    kept = [
        state
        for state in session.server.kind.states(session.server)
        if state.startswith(("start-", "solved-"))
    ]
    added = sum(_added(docker.image_of(session.server, state)) for state in kept)
    return [
        Row("the server's image", _size(image.tag()), "MB"),
        Row(f"the {len(kept)} kept states of all labs, beyond it", added, "MB"),
    ]


def _size(name: str) -> float:
    return float(client().images.get(name).attrs["Size"]) / _MEGABYTE


def _added(name: str) -> float:
    return _size(name) - _size(client().images.get(name).attrs["Parent"])

"""What a command costs before it does anything, and a server until it is there."""

import sys
from statistics import median

from docker.models.containers import Container

from labkit import labs, states
from labkit.bench.record import Budget, Measured, Row
from labkit.bench.timing import Way, process, seconds, side_by_side
from labkit.bench.under_way import under_way
from labkit.commands.session import Session
from labkit.console import step
from labkit.engine import client
from labkit.labs import Lab
from labkit.machines import docker
from labkit.probes import BOOTED

_ROUNDS = 5
_PYTHON = "python -c 'import typer, rich'"
_BARE = "a bare container, until it has booted"

# As the commands do it on the learner's server, with the start of Python in it.
_COMMAND = """
import sys
from labkit.commands import session, start
here = session.open_session(sys.argv[1])
"""
_START = _COMMAND + (
    "start.start(here, '01', fresh=False, port=None, seed=None, yes=True)\n"
)
_RESET = _COMMAND + "start.reset(here, fresh=False, yes=True)\n"


def measure(session: Session) -> Measured:
    """`lab`, `lab --help`, `lab start` and `lab reset`."""
    quick = _quick(session)
    rows = [Row(f"`{way}`", taken, "s") for way, taken in quick.items()]
    budgets = [
        Budget(
            f"`{way}`, as so many times `{_PYTHON}`",
            quick[way] / quick[_PYTHON],
            2,
            "times",
        )
        for way in ("lab", "lab --help")
    ]
    servers = _servers(session, labs.find(session.root, "01"))
    rows += [Row(way, taken, "s") for way, taken in servers.items()]
    if _BARE in servers:
        budgets.append(
            Budget(
                f"`lab reset`, as so many times {_BARE}",
                servers["lab reset"] / servers[_BARE],
                2,
                "times",
            )
        )
        budgets += [
            Budget(f"`{way}` from a kept state", servers[way], 10, "s")
            for way in ("lab start", "lab reset")
        ]
    return Measured(rows, budgets)


def _quick(session: Session) -> dict[str, float]:
    lab = str(session.root / "lab")
    kind = session.server.kind_name
    return side_by_side(
        "Commands that need no server",
        {
            _PYTHON: process([sys.executable, "-c", "import typer, rich"]),
            "lab": process([lab], LAB_ON=kind),
            "lab --help": process([lab, "--help"], LAB_ON=kind),
        },
    )


def _servers(session: Session, lab: Lab) -> dict[str, float]:
    """Medians until a server of the lab's kept start is there."""
    server, root = session.server, session.root
    states.to_start(root, server, lab)
    state = states.start(root, lab)
    taken: dict[str, list[float]] = {"lab start": [], "lab reset": []}
    if server.kind_name == "docker":
        taken[_BARE] = []
    with step(f"Bringing up a server, {_ROUNDS} rounds"):
        for _ in range(_ROUNDS):
            server.kind.down(server)
            if server.kind_name == "docker":
                taken[_BARE].append(_bare(docker.image_of(server, state)))
            with under_way(session, lab):
                taken["lab start"].append(seconds(_command(session, _START)))
                taken["lab reset"].append(seconds(_command(session, _RESET)))
    return {way: median(times) for way, times in taken.items()}


def _command(session: Session, text: str) -> Way:
    argv = [sys.executable, "-c", text, session.server.name]
    return process(argv, LAB_ON=session.server.kind_name)


def _bare(image: str) -> float:
    """Seconds until a container of the image, with a server's options, has booted."""
    made: list[Container] = []

    def way() -> None:
        container = client().containers.create(image, docker.COMMAND, **docker.OPTIONS)
        made.append(container)
        container.start()
        container.exec_run(["sh", "-c", BOOTED])

    try:
        return seconds(way)
    finally:
        for container in made:
            container.remove(force=True, v=True)

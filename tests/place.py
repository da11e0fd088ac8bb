"""A place: a checkout of this repository where a test may do what it likes.

The tests run the real command line against real servers. Each checkout has a
path with spaces and its own `.lab`, so no test touches the reader's server.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from labkit import journal
from labkit.checkout import Checkout
from labkit.machines import Server

ROOT = Path(__file__).resolve().parents[1]
PARTS = (
    *("book", "labs", "project", "server", "solutions", "src"),
    *("lab", "requirements.txt", "README.md", "CONTRIBUTING.md", "LICENSE"),
    *("Vagrantfile", "mkdocs.yml"),
)


@dataclass(frozen=True)
class Place:
    """A copy of the repository and the command line that runs in it.

    `extra` is added to the environment of what runs; `kind` is that of its servers.
    """

    root: Path
    extra: Mapping[str, str] = field(default_factory=dict)
    kind: str = "docker"

    @property
    def server(self) -> Server:
        return Server(Checkout(self.root), "lab", self.kind)

    @property
    def environment(self) -> dict[str, str]:
        own = {"PYTHONPATH": str(self.root / "src"), "COLUMNS": "80"}
        own["LAB_ON"] = "docker"  # whatever this computer would take
        return os.environ | own | dict(self.extra)

    def argv(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "labkit", *arguments]

    def lab(
        self, *arguments: str, stdin: str = "", code: int | None = 0, **extra: str
    ) -> subprocess.CompletedProcess[str]:
        """Run the command line; by default it must end well."""
        done = subprocess.run(
            self.argv(*arguments),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=400 if self.kind == "docker" else 1200,
            env=self.environment | extra,
        )
        assert code is None or done.returncode == code, done.stdout + done.stderr
        return done

    def spawn(self, *arguments: str, **extra: str) -> subprocess.Popen[str]:
        """Start the command line in a process group of its own, as a shell does."""
        return subprocess.Popen(
            self.argv(*arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self.environment | extra,
            start_new_session=True,
        )

    def at_console(self, script: str) -> str:
        """Run a shell script on the server as root, without ssh."""
        argv = [
            *self.server.kind.console(self.server, tty=False),
            "bash",
            "-euc",
            script,
        ]
        done = subprocess.run(argv, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def remove(self) -> None:
        """Take away all that this place has made on the computer."""
        for name in Checkout(self.root)._identity().ports:
            server = Server(Checkout(self.root), name, self.kind)
            server.kind.down(server)
            for state in server.kind.states(server):
                server.kind.forget(server, state)

    def progress(self) -> journal.Progress:
        return journal.read(Checkout(self.root))


def told(place: Place, *arguments: str, code: int = 2, **extra: str) -> str:
    """Run a command that must fail, and return its error, unwrapped."""
    done = place.lab(*arguments, code=code, **extra)
    assert "Traceback" not in done.stdout + done.stderr
    return " ".join((done.stdout + done.stderr).split())


def copy(to: Path) -> Place:
    """Copy what the command line needs of this repository."""
    to.mkdir(parents=True)
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            ignore = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, to / part, symlinks=True, ignore=ignore)
        else:
            shutil.copy2(source, to / part)
    return Place(to)

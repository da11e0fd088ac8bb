"""The service `board`, as its running processes show it.

Nothing of it is assumed but the unit's name: the account, the places, the port and
the settings are what the processes have.
"""

import json
import textwrap
import time
from dataclasses import dataclass
from typing import Any

import pytest
from testinfra.host import Host

UNIT = "board.service"

# Prints the unit's processes, and the addresses at which they listen.
_LOOK = """
import json, pathlib, pwd, subprocess, sys
def said(*argv):
    return subprocess.run(argv, capture_output=True, text=True).stdout
unit = dict(
    line.split("=", 1)
    for line in said("systemctl", "show", sys.argv[1]).splitlines() if "=" in line
)
group = pathlib.Path("/sys/fs/cgroup" + unit.get("ControlGroup", "") + "/cgroup.procs")
pids = group.read_text().split() if unit.get("ControlGroup") else []
processes = []
for pid in pids:
    here = pathlib.Path("/proc", pid)
    try:
        lines = (here / "status").read_text().splitlines()
        status = dict(line.split(":", 1) for line in lines)
        argv = (here / "cmdline").read_text().split("\\0")[:-1]
    except FileNotFoundError:  # it has just ended
        continue
    uid = int(status["Uid"].split()[1])
    try:
        account, shell = pwd.getpwuid(uid).pw_name, pwd.getpwuid(uid).pw_shell
    except KeyError:  # of DynamicUser, where nothing resolves its name
        account, shell = str(uid), ""
    processes.append(
        dict(pid=int(pid), uid=uid, account=account, shell=shell, argv=argv)
    )
listening = [
    line.split()[3] for line in said("ss", "-Hltnp").splitlines()
    if any(f"pid={pid}," in line for pid in pids)
]
# systemd's own words about ends and starts hide what the service said before.
framing = (
    "Scheduled restart", "Start request", "Failed with result", "Failed to start ",
    "Started ", "Starting ", "Stopped ", "Stopping ", "Deactivated", "Consumed ",
    "Main process exited",
)
journal = [
    line for line in said(
        "journalctl", "-u", sys.argv[1], "-b", "-n", "30", "-o", "cat"
    ).splitlines() if not line.removeprefix(sys.argv[1] + ": ").startswith(framing)
]
print(json.dumps(dict(
    state=f"{unit['ActiveState']} ({unit['Result']})",
    processes=processes, listening=listening, last_words=journal[-1:],
)))
"""

# Becomes the service as far as one can from outside: its view of the file system,
# its directory, groups, user and environment. Then runs a program on its Django.
_ENTER = """
import os, pathlib, subprocess, sys
unit, code = sys.argv[1:]
show = ["systemctl", "show", "-P", "ControlGroup", unit]
group = subprocess.run(show, capture_output=True, text=True).stdout.strip()
pids = pathlib.Path("/sys/fs/cgroup" + group, "cgroup.procs").read_text().split()
# The first may be a shell that has started Python.
places = [pathlib.Path("/proc", pid) for pid in pids]
python = [here for here in places if "python" in os.readlink(here / "exe")]
here = (python or places)[0]
def strings(name):
    return (here / name).read_text().split("\\0")[:-1]
status = dict(line.split(":", 1) for line in (here / "status").read_text().splitlines())
environment = dict(entry.split("=", 1) for entry in strings("environ"))
environment |= {"PYTHONDONTWRITEBYTECODE": "1"}
argv = strings("cmdline")
groups = [int(group) for group in status["Groups"].split()]
uid, gid = int(status["Uid"].split()[1]), int(status["Gid"].split()[1])
directory = os.open(here / "cwd", os.O_PATH)
os.setns(os.open(here / "ns/mnt", os.O_RDONLY), os.CLONE_NEWNS)
os.fchdir(directory)
os.setgroups(groups)
os.setresgid(gid, gid, gid)
os.setresuid(uid, uid, uid)
at = next((n for n, word in enumerate(argv) if word.endswith("manage.py")), None)
if at is not None:
    options = [word for word in argv if word.startswith("--settings=")]
    tail = [argv[at], "shell", "--no-imports", *options, "--command", code]
else:
    environment.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    tail = ["-c", "import django; django.setup()\\n" + code]
os.execvpe(argv[0], [argv[0], *tail], environment)
"""


class Unable(Exception):
    """The service's user could not run a program; in Python's last words."""


@dataclass(frozen=True)
class Process:
    """One process: `account` is the name of its user, `shell` that user's."""

    pid: int
    uid: int
    account: str
    shell: str
    argv: tuple[str, ...]

    def __str__(self) -> str:
        return f"{' '.join(self.argv)} (process {self.pid})"


@dataclass(frozen=True)
class State:
    """What the unit is at this moment."""

    state: str
    processes: list[Process]
    listening: list[str]
    last_words: list[str]


class Service:
    """The unit board.service on a server."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def look(self) -> State:
        """Look at the unit and its processes now."""
        said = json.loads(self._host.check_output("python3 -c %s %s", _LOOK, UNIT))
        processes = [
            Process(**one | {"argv": tuple(one["argv"])})
            for one in said.pop("processes")
        ]
        return State(processes=processes, **said)

    def settled(self, patience: float = 15) -> State:
        """Look at the unit once it listens or has given up; a start takes a while."""
        deadline = time.monotonic() + patience
        while True:
            seen = self.look()
            ended = seen.state.startswith(("failed", "inactive"))
            if seen.listening or ended or time.monotonic() > deadline:
                return seen
            time.sleep(0.2)

    def address(self) -> str:
        """Where the service is reached from the server itself: host and port.

        Raises:
            RuntimeError: when it listens at no TCP port.
        """
        for place in self.look().listening:
            host, _, port = place.rpartition(":")
            own = {"0.0.0.0": "127.0.0.1", "*": "127.0.0.1", "[::]": "[::1]"}
            return f"{own.get(host, host)}:{port}"
        raise RuntimeError("board.service listens at no TCP port")

    def ask(self, code: str, **values: object) -> Any:
        """Run Python on the service's own Django, as its user and in its place.

        `values` are the code's variables; what it leaves in `answer` is returned.

        Raises:
            Unable: when the code ends with an exception, with the exception.
        """
        program = (
            f"import json\nglobals().update(json.loads({json.dumps(values)!r}))\n"
            f"{textwrap.dedent(code)}\nprint('answer:' + json.dumps(answer))"
        )
        done = self._host.run("python3 -c %s %s %s", _ENTER, UNIT, program)
        answer = done.stdout.rpartition("answer:")[2]
        if done.rc != 0:
            raise Unable((done.stderr.strip().splitlines() or ["no words"])[-1])
        return json.loads(answer)


@pytest.fixture
def service(host: Host, as_root: None) -> Service:
    """The service board."""
    return Service(host)

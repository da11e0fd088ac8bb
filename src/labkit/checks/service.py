"""The service `board`, as its running processes show it.

Nothing of it is assumed but the unit's name: the account, the places, the port or
socket and the settings are what the processes have.
"""

import json
import textwrap
import time
from dataclasses import dataclass
from typing import Any

import pytest
from testinfra.backend.base import CommandResult
from testinfra.host import Host

from labkit.checks import asking

UNIT = "board.service"

# Prints the unit's processes, and the addresses at which they listen: TCP first,
# then the paths of Unix sockets, those before that more processes hold.
_LOOK = """
import json, pathlib, pwd, re, subprocess, sys
def said(*argv):
    return subprocess.run(argv, capture_output=True, text=True).stdout
def shown(name):
    lines = said("systemctl", "show", name).splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)
unit = shown(sys.argv[1])
group = pathlib.Path("/sys/fs/cgroup" + unit.get("ControlGroup", "") + "/cgroup.procs")
try:
    pids = group.read_text().split() if unit.get("ControlGroup") else []
except OSError:  # it has just ended, and its group with it
    pids = []
processes = []
for pid in pids:
    here = pathlib.Path("/proc", pid)
    try:
        lines = (here / "status").read_text().splitlines()
        status = dict(line.split(":", 1) for line in lines)
        argv = (here / "cmdline").read_text().split("\\0")[:-1]
    except (FileNotFoundError, ProcessLookupError):  # it has just ended
        continue
    uid = int(status["Uid"].split()[1])
    try:
        account, shell = pwd.getpwuid(uid).pw_name, pwd.getpwuid(uid).pw_shell
    except KeyError:  # of DynamicUser, where nothing resolves its name
        account, shell = str(uid), ""
    processes.append(dict(
        pid=int(pid), uid=uid, account=account, shell=shell, argv=argv,
    ))
def sockets(kind, column):
    found = []
    for line in said("ss", kind).splitlines():
        held = sum(f"pid={pid}," in line for pid in pids)
        place = line.split()[column]
        if held and place != "*":  # a Unix socket that has no name yet
            found.append((-held, place))
    return [place for _, place in sorted(found)]
# systemd may listen in the service's stead, and start it for the first visitor.
lent = []
for name in unit.get("TriggeredBy", "").split():
    socket = shown(name)
    if socket["ActiveState"] == "active":
        lent += re.findall(r"(\\S+) \\(Stream\\)", socket.get("Listen", ""))
lent.sort(key=lambda place: place[0] in "/@")
listening = dict.fromkeys([*sockets("-Hltnp", 3), *lent, *sockets("-Hlxnp", 4)])
# systemd's and Gunicorn's words about ends and starts hide what was said before, and
# so do the lines about visits; of a traceback the last line counts.
framing = (
    "Scheduled restart", "Start request", "Failed with result", "Failed to start ",
    "Started ", "Starting ", "Stopped ", "Stopping ", "Deactivated", "Consumed ",
    "Main process exited", "Killing process", "[INFO]", "[ERROR] Worker (pid",
    "[ERROR] Shutting down", "[ERROR] Reason", "[ERROR] Retrying in",
    "[ERROR] Can't connect to", "[ERROR] Control server", "gunicorn.errors.HaltServer",
    "Traceback", "During handling", "The above exception", " ",
)
# -b is not enough: a container has the boot id of the computer that it runs on.
began = said("systemctl", "show", "--timestamp=unix", "-P", "UserspaceTimestamp")
boot = ["-b", "--since", began.strip()]
journal = [
    line for line in said(
        "journalctl", "-u", sys.argv[1], *boot, "-n", "99", "-o", "cat"
    ).splitlines()
    if line.strip() and not re.search(r' "[A-Z]+ \\S+ HTTP/[0-9.]+" [0-9]{3} ', line)
    and not re.sub(r"^\\[[^]]*\\] \\[\\d+\\] ", "", line)
    .removeprefix(sys.argv[1] + ": ").startswith(framing)
]
print(json.dumps(dict(
    state=f"{unit['ActiveState']} ({unit['Result']})", main=int(unit["MainPID"]),
    processes=processes, listening=list(listening), last_words=journal[-1:],
)))
"""

# Prints the process of a unit that has had more than 0.3 s of the processor since
# now; nothing when a file, which tells that the work is over, is there before.
_BUSY = """
import os, pathlib, subprocess, sys, time
unit, over = sys.argv[1:]
show = ["systemctl", "show", "-P", "ControlGroup", unit]
group = subprocess.run(show, capture_output=True, text=True).stdout.strip()
procs = pathlib.Path("/sys/fs/cgroup" + group, "cgroup.procs")
def ticks():
    try:
        pids = procs.read_text().split()
    except OSError:  # it has ended, and its group with it
        return {}
    found = {}
    for pid in pids:
        try:
            line = pathlib.Path("/proc", pid, "stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        found[pid] = sum(map(int, line.rpartition(")")[2].split()[11:13]))
    return found
before = ticks()
while not os.path.exists(over):
    busy = [pid for pid, now in ticks().items() if now - before.get(pid, 0) > 30]
    if busy:
        print(busy[0])
        break
    time.sleep(0.02)
"""

# Prints the process of a unit that has held a visitor's connection for 0.3 s; nothing
# when a file, which tells that the visit is over, is there before.
_READER = """
import os, pathlib, re, subprocess, sys, time
unit, over, place = sys.argv[1:]
show = ["systemctl", "show", "-P", "ControlGroup", unit]
group = subprocess.run(show, capture_output=True, text=True).stdout.strip()
procs = pathlib.Path("/sys/fs/cgroup" + group, "cgroup.procs")
unix = place[0] in "/@"
kind, end = ("-Hxnp", place) if unix else ("-Htnp", ":" + place.rpartition(":")[2])
def held():
    try:
        pids = procs.read_text().split()
    except OSError:  # it has ended, and its group with it
        return {}
    ss = subprocess.run(
        ["ss", kind, "state", "established"], capture_output=True, text=True
    )
    return {
        (pid, tuple(line.split()[3:-1]))  # before that is how much waits to be read
        for line in ss.stdout.splitlines() if f"{end} " in line
        for pid in re.findall(r"pid=(\\d+)", line) if pid in pids
    }
before = held()
while not os.path.exists(over):
    time.sleep(0.3)
    now = held()
    if both := before & now:
        print(min(both)[0])
        break
    before = now
"""


class Unreachable(Exception):
    """The service listens nowhere."""


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
    """What the unit is at this moment; `main` is 0 where it has no main process."""

    state: str
    main: int
    processes: list[Process]
    listening: list[str]
    last_words: list[str]


class Service:
    """The unit board.service on a server."""

    unit = UNIT

    def __init__(self, host: Host) -> None:
        self._host = host

    def look(self) -> State:
        """Look at the unit and its processes now."""
        said = json.loads(self._host.check_output("python3 -c %s %s", _LOOK, self.unit))
        processes = [
            Process(**one | {"argv": tuple(one["argv"])})
            for one in said.pop("processes")
        ]
        return State(processes=processes, **said)

    def settled(self, patience: float = 30) -> State:
        """Look at the unit once it listens or has given up; a start takes a while."""
        deadline = time.monotonic() + patience
        while True:
            seen = self.look()
            ended = seen.state.startswith(("failed", "inactive"))
            if seen.listening or ended or time.monotonic() > deadline:
                return seen
            time.sleep(0.2)

    def busy(self, over: str) -> Process | None:
        """The process that works, once it has worked a while; None when there is a
        file `over` on the server before."""
        return self._of(
            self._host.check_output("python3 -c %s %s %s", _BUSY, self.unit, over)
        )

    def reader(self, over: str) -> Process | None:
        """The process that reads from a visitor, once it has done so a while; None
        when there is a file `over` on the server before."""
        place = self.address()
        return self._of(
            self._host.check_output(
                "python3 -c %s %s %s %s", _READER, self.unit, over, place
            )
        )

    def _of(self, pid: str) -> Process | None:
        known = {str(process.pid): process for process in Service.look(self).processes}
        return known.get(pid)

    def address(self) -> str:
        """Where the service is reached from the server itself, once it has started.

        Returns host and port, or the path of a Unix socket.

        Raises:
            Unreachable: when it listens nowhere.
        """
        places = self.settled().listening
        if not places:
            raise Unreachable(f"{self.unit} listens nowhere")
        if places[0].startswith(("/", "@")):
            # Not every socket is for visitors: Gunicorn has one for its control.
            speaks = (place for place in places if self._speaks_http(place))
            return next(speaks, places[0])
        host, _, port = places[0].rpartition(":")
        own = {"0.0.0.0": "127.0.0.1", "*": "127.0.0.1", "[::]": "[::1]"}
        return f"{own.get(host, host)}:{port}"

    def _speaks_http(self, place: str) -> bool:
        kind = "--abstract-unix-socket" if place[0] == "@" else "--unix-socket"
        tried = self._host.run(
            f"curl --silent --max-time 5 --output /dev/null {kind} %s http://localhost",
            place.removeprefix("@"),
        )
        return bool(tried.rc == 0)

    def ask(self, code: str, **values: object) -> Any:
        """Run Python on the service's own Django, as its user and in its place.

        `values` are the code's variables; what it leaves in `answer` is returned.

        Raises:
            Unable: when the code ends with an exception, with the exception.
        """
        return self.ask_all(code, **values)[0]

    def ask_all(self, *codes: str, **values: object) -> list[Any]:
        """The answers to several pieces of code, as by `ask`; Django starts once."""
        asked = json.dumps([[textwrap.dedent(code) for code in codes], values])
        program = (
            f"import json\ncodes, values = json.loads({asked!r})\nanswers = []\n"
            "for code in codes:\n    names = dict(values)\n    exec(code, names)\n"
            "    answers.append(names['answer'])\n"
            "print('answer:' + json.dumps(answers))"
        )
        done = self._run(program)
        answer = done.stdout.rpartition("answer:")[2]
        if done.rc != 0:
            raise Unable((done.stderr.strip().splitlines() or ["no words"])[-1])
        answers: list[Any] = json.loads(answer)
        return answers

    def _run(self, program: str) -> CommandResult:
        """Run Python where the service has its Django."""
        return asking.run(self._host, self.unit, program)


@pytest.fixture
def service(host: Host, as_root: None) -> Service:
    """The service board."""
    return Service(host)

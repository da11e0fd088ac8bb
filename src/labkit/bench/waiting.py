"""`lab check --watch`: how soon it tells that a fault is mended, and what it costs the
server while nothing happens."""

import shlex
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from queue import Empty, Queue
from statistics import median

from labkit import faults, labs, scripts, servers, states
from labkit.bench.record import Budget, Measured, Row
from labkit.bench.under_way import under_way
from labkit.commands import watch
from labkit.commands.session import Session
from labkit.console import step
from labkit.errors import LabError
from labkit.labs import Lab
from labkit.report import CheckResult
from labkit.ssh import Connection

_FAULT, _CHECK = "root-again", "test_root_is_refused"
_MEND = "rm /etc/ssh/sshd_config.d/00-backup.conf; systemctl reload ssh"
TIMES = 5
IDLE_SECONDS = 60
_PATIENCE = 60

# Prints how much of a core the server has used in so many seconds. It waits first: a
# process that begins is something that happens.
_USED = """
import pathlib, sys, time
def used():
    old = pathlib.Path("/sys/fs/cgroup/cpuacct/cpuacct.usage")
    if old.exists():
        return int(old.read_text()) / 1e9
    stat = dict(line.split() for line in open("/sys/fs/cgroup/cpu.stat"))
    return int(stat["usage_usec"]) / 1e6
time.sleep(5)
before, seconds = used(), float(sys.argv[1])
time.sleep(seconds)
print((used() - before) / seconds * 100)
"""


def measure(session: Session) -> Measured:
    """A fault of lab 01 is mended a few times; then nothing happens for a while."""
    lab = labs.find(session.root, "01")
    states.to_solved(session.root, session.server, lab)
    learner = _Learner(session, lab)
    with (
        under_way(session, lab),
        step("Mending a fault while lab check --watch looks"),
        ThreadPoolExecutor(1) as aside,  # the checks need the main thread
    ):
        working = aside.submit(learner.work)
        for _ in watch.looks(session, learner.hear):
            if working.done():
                break
        working.result()
    with servers.connected(session.server) as connection:
        alone = _used(connection)
    watched = learner.used - alone
    return Measured(
        [
            Row("lab check --watch tells a mend after", median(learner.told), "s"),
            Row("the server idles at", alone, "% of a core"),
        ],
        [
            Budget(
                f"`lab check --watch` tells a mend, the slowest of {TIMES}",
                max(learner.told),
                1.5,
                "s",
            ),
            Budget(
                "`lab check --watch` costs the idle server", watched, 5, "% of a core"
            ),
        ],
    )


def _used(connection: Connection) -> float:
    program = shlex.join(["python3", "-c", _USED, str(IDLE_SECONDS)])
    return float(connection.run(program, timeout=IDLE_SECONDS + 30).stdout)


@contextmanager
def _terminal(connection: Connection) -> Iterator[Callable[[str], None]]:
    """A shell at a terminal of the server: the function enters a command there and
    waits for its end. By what terminals show, the watch knows that one has ended."""
    ssh, *rest = connection.argv("exec /bin/sh -i")
    with subprocess.Popen(
        [ssh, "-tt", *rest],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        start_new_session=True,
    ) as shell:
        asked, told = shell.stdin, shell.stdout
        assert asked
        assert told

        def enter(command: str) -> None:
            # What is typed comes back as well, with the quotes in it.
            asked.write(f"{command}; echo en''ded\n".encode())
            while (line := told.readline()) and b"ended" not in line:
                pass

        try:
            yield enter
        finally:
            shell.kill()


class _Learner:
    """Somebody who breaks and mends the server.

    `told` are the seconds from the end of a mend until its check is told to pass, and
    `used` is what the server used of a core while nothing happened.
    """

    def __init__(self, session: Session, lab: Lab) -> None:
        self._session, self._lab = session, lab
        self._fault = faults.named(lab, _FAULT)
        self._heard: Queue[tuple[str, float]] = Queue()
        self.told: list[float] = []
        self.used = 0.0

    def hear(self, result: CheckResult) -> None:
        """Take note of a result of the check that the fault trips."""
        if result.name == _CHECK:
            self._heard.put((result.outcome, time.monotonic()))

    def work(self) -> None:
        """Break and mend, then sit still."""
        with (
            servers.connected(self._session.server) as connection,
            _terminal(connection) as enter,
        ):
            for _ in range(TIMES):
                self._wait_for("pass")
                scripts.run_nameless(connection, self._fault.path)
                self._wait_for("fail")
                time.sleep(2)
                enter(_MEND)
                mended = time.monotonic()
                self.told.append(self._wait_for("pass") - mended)
                self._heard.put(("pass", 0))
            self.used = _used(connection)

    def _wait_for(self, outcome: str) -> float:
        while True:
            try:
                found, when = self._heard.get(timeout=_PATIENCE)
            except Empty:
                raise LabError(
                    f"lab check --watch did not tell '{outcome}' of {_CHECK} within "
                    f"{_PATIENCE} s.",
                    "It was to be measured how soon it does.",
                    "./lab dev bench watch, with nothing else at work",
                ) from None
            if found == outcome:
                return when

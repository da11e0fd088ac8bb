"""Whether anything happens on a server, told at next to no cost.

`lab check --watch` looks anew when something has happened. A program on the server
sees three times a second what moves when somebody works there: a process begins, one
ends, or one at a terminal (an editor, say) writes. It begins no process itself.
"""

import select
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from labkit.ssh import Connection

# For each line on standard input, says what was written at terminals; and then, once,
# that something has happened. The kernel's own threads come and go by themselves.
_PROGRAM = r"""
import hashlib, os, select, sys
KERNEL = 0x00200000
threads = set()
def processes():
    written, there = [], set()
    for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
        if pid in threads:
            continue
        try:
            with open(f"/proc/{pid}/stat") as stat:
                fields = stat.read().rpartition(")")[2].split()
            if int(fields[6]) & KERNEL:
                threads.add(pid)
                continue
            there.add(pid)
            if fields[4] != "0":
                with open(f"/proc/{pid}/io") as io:
                    written.append((pid, io.read().split("wchar: ")[1].split()[0]))
        except OSError:
            continue  # it has ended meanwhile
    return there, written
def last():
    with open("/proc/loadavg") as load:
        return int(load.read().split()[-1])
def begun(before, now):
    return now < before or not threads.issuperset(range(before + 1, now + 1))
for line in sys.stdin:
    before, (there, written) = last(), processes()
    print("at", hashlib.md5(repr(written).encode()).hexdigest(), flush=True)
    while not select.select([sys.stdin], [], [], 0.3)[0]:
        now, seen = last(), processes()
        if begun(before, now) or seen != (there, written):
            print("moved", flush=True)
            break
        before = now
"""


@dataclass(frozen=True)
class Activity:
    """What happens on a server from `begin` on."""

    _asked: IO[bytes]
    _told: IO[bytes]

    def begin(self) -> str | None:
        """Look from now on. Returns a text that changes with what is written at
        terminals, or None when the server has gone."""
        try:
            self._asked.write(b"\n")
            while line := self._told.readline():
                if line.startswith(b"at "):
                    return line.decode()
        except BrokenPipeError:
            pass
        return None

    def wait(self, seconds: float) -> None:
        """Wait until something has happened since `begin`, or so many seconds."""
        select.select([self._told], [], [], seconds)


@contextmanager
def on(connection: Connection) -> Iterator[Activity]:
    """Look at what happens on a server while the block runs."""

    with subprocess.Popen(
        connection.argv(shlex.join(["exec", "python3", "-c", _PROGRAM])),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        # Ctrl-C is for this process alone.
        start_new_session=True,
    ) as running:
        assert running.stdin
        assert running.stdout
        try:
            yield Activity(running.stdin, running.stdout)
        finally:
            running.kill()

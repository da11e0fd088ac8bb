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
# that something has happened. The kernel's own threads come and go by themselves, and
# so do users' systemds: ten seconds after the last login of theirs has ended, as the
# one does by which a check has come in. What else begins and ends within half a second
# of that is part of it; so a process that moves is told of half a second later.
_PROGRAM = r"""
import hashlib, os, select, sys
KERNEL = 0x00200000
threads = set()
def processes():
    written, there, managers = [], set(), set()
    for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
        if pid in threads:
            continue
        try:
            with open(f"/proc/{pid}/stat") as stat:
                name, _, rest = stat.read().partition("(")[2].rpartition(")")
            fields = rest.split()
            if int(fields[6]) & KERNEL:
                threads.add(pid)
                continue
            there.add(pid)
            if pid > 1 and name in ("systemd", "(sd-pam)"):
                managers.add(pid)
            if fields[4] != "0":
                with open(f"/proc/{pid}/io") as io:
                    written.append((pid, io.read().split("wchar: ")[1].split()[0]))
        except OSError:
            continue  # it has ended meanwhile
    return there, written, managers
def last():
    with open("/proc/loadavg") as load:
        return int(load.read().split()[-1])
def begun(before, now):
    return now < before or not threads.issuperset(range(before + 1, now + 1))
for line in sys.stdin:
    before, (there, written, managers) = last(), processes()
    print("at", hashlib.md5(repr(written).encode()).hexdigest(), flush=True)
    leaving = doubt = 0
    while not select.select([sys.stdin], [], [], 0.3)[0]:
        number, (now, at_terminals, left) = last(), processes()
        leaving = 3 if managers - left else leaving - 1
        if leaving > 0:
            doubt = 0
        elif doubt or begun(before, number) or now != there:
            doubt += 1
        if at_terminals != written or doubt == 3:
            print("moved", flush=True)
            break
        before, there, managers = number, now, left
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

"""A day ahead: what the server would do by itself within a day is done now, looked at,
and undone again.

Only the timers of the server's owner count: Debian's keep their own house, and one that
systemd-run has made is gone after a boot.
"""

import json
import shlex
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from testinfra.host import Host

DAY = 25 * 60 * 60
"""A day in seconds, with an hour for a clock that is set back."""

# Prints the owner's timers that systemd has loaded: in how many seconds each is due
# (none: never), whether it was due before, what it starts, whether it outlives a boot.
_TIMERS = """
import json, subprocess, time
def said(*argv):
    return subprocess.run(argv, capture_output=True, text=True).stdout
found = []
for timer in json.loads(said("systemctl", "list-timers", "--all", "--output=json")):
    path = said("systemctl", "show", "-P", "FragmentPath", timer["unit"]).strip()
    if path.startswith(("/usr/lib/", "/lib/")):
        continue
    due = timer["next"] and timer["next"] / 1e6 - time.time()
    found.append(dict(
        name=timer["unit"], starts=timer["activates"], due=due or None,
        has_run=bool(timer["last"]), stays="/run/" not in path,
    ))
print(json.dumps(found))
"""

# Keeps in a file what directories hold, or puts all of it back as it was. A directory
# whose name ends in a slash is kept with all that is below it, another by itself.
_KEEP = """
import contextlib, os, pathlib, pickle, stat, sys
what, file, *roots = sys.argv[1:]
def seen(path):
    here = os.lstat(path)
    if stat.S_ISLNK(here.st_mode):
        content = os.readlink(path)
    elif stat.S_ISDIR(here.st_mode):
        content = None
    elif stat.S_ISREG(here.st_mode) and here.st_size < 1_000_000:
        content = pathlib.Path(path).read_bytes()
    else:
        return None
    return here.st_mode, here.st_uid, here.st_gid, here.st_mtime_ns, content
def tree(roots):
    found = {}
    for root in roots:
        for directory, below, names in os.walk(root):
            for name in ["", *below, *names]:
                path = os.path.join(directory, name).rstrip("/")
                found[path] = seen(path)
            if not root.endswith("/"):
                break
    return {path: was for path, was in found.items() if was}
if what == "keep":
    pathlib.Path(file).write_bytes(pickle.dumps((roots, tree(roots))))
    sys.exit()
roots, before = pickle.loads(pathlib.Path(file).read_bytes())
now = tree(roots)
for path in sorted(now.keys() - before.keys(), reverse=True):
    with contextlib.suppress(OSError):
        os.rmdir(path) if now[path][4] is None else os.unlink(path)
for path, was in sorted(before.items()):
    mode, uid, gid, _, content = was
    if now.get(path) == was:
        continue
    if content is None:
        os.makedirs(path, exist_ok=True)
    else:
        pathlib.Path(path).unlink(missing_ok=True)
        if isinstance(content, str):
            os.symlink(content, path)
        else:
            pathlib.Path(path).write_bytes(content)
    os.chown(path, uid, gid, follow_symlinks=False)
    if not isinstance(content, str):
        os.chmod(path, stat.S_IMODE(mode))
for path, was in sorted(before.items(), reverse=True):
    os.utime(path, ns=(was[3], was[3]), follow_symlinks=False)
"""


@dataclass(frozen=True)
class Timer:
    """A timer of the owner's: `due` in so many seconds, None when it is over."""

    name: str
    starts: str
    due: float | None
    has_run: bool
    stays: bool


@dataclass(frozen=True)
class Ran:
    """A timer whose time was brought about, and whether the unit began anew by it."""

    timer: Timer
    restarted: bool


def timers(host: Host) -> list[Timer]:
    """The timers that the server's owner has made, and systemd has loaded."""
    said = json.loads(host.check_output("python3 -c %s", _TIMERS))
    return [Timer(**one) for one in said]


def due(host: Host) -> list[Timer]:
    """Those that will have been due within a day, whatever boots come between."""
    known = timers(host)
    return [one for one in known if one.stays and one.due and 0 < one.due < DAY]


@contextmanager
def a_day_later(host: Host, *places: str, unit: str) -> Iterator[list[Ran]]:
    """Start what is due within a day; after the block, put back what that changed.

    Kept are /etc and the directories `places`. `unit` is restarted in the end. Yields
    the timers that were due, and what each meant for `unit`.
    """

    def start() -> str:
        return str(host.run("systemctl show -P InvocationID %s", unit).stdout)

    file = f"/run/labkit-{uuid.uuid4().hex[:8]}"
    running = [one.name for one in timers(host) if one.stays]
    roots = shlex.join(["/etc/", *places])
    host.check_output(f"umask 077; python3 -c %s keep %s {roots}", _KEEP, file)
    try:
        found = []
        for timer in due(host):
            before = start()
            host.run("timeout 100 systemctl start %s", timer.starts)
            found.append(Ran(timer, restarted=start() != before))
        yield found
    finally:
        host.check_output("python3 -c %s back %s", _KEEP, file)
        host.run("rm -f %s", file)
        host.run("systemctl daemon-reload")
        for name in running:
            host.run("systemctl start %s", name)
        host.check_output("systemctl restart %s", unit)

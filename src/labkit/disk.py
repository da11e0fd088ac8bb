"""What a script has changed on a server's disk."""

import fnmatch
import json
from dataclasses import dataclass

from labkit.ssh import Connection

# Where every running server writes by itself: logs, caches, clocks, the record of
# what is installed. A script's own changes are elsewhere.
_RESTLESS = (
    *("/dev", "/proc", "/run", "/sys", "/tmp", "/var/tmp"),
    *("/var/cache", "/var/lib/apt", "/var/lib/dpkg", "/var/lib/systemd", "/var/log"),
    *("/etc/.pwd.lock", "/etc/alternatives", "/etc/ld.so.cache", "/var/lib/sudo"),
    *("/var/lib/ucf", "/var/lib/unattended-upgrades", "/var/lib/postgresql"),
    *(f"/etc/rc{level}.d" for level in "0123456S"),
    "/var/lib/private/labkit-letterbox",  # mail that is elsewhere, at the provider's
)

# Prints each path with its kind, mode, owner and content; a directory's content are
# the paths below it. Then the packages, with "auto" for those that others needed.
# A file that is as the look before has left it in `record` is not read again: its
# content can't change without its ctime.
_LOOK = """
import hashlib, json, os, stat, subprocess, sys
restless = set(json.loads(sys.argv[1]))
record = "/run/labkit-look.json"
try:
    with open(record) as file:
        known = json.load(file)
except (OSError, ValueError):  # none, or a half of one
    known = {}
found, read = {}, {}
def look(directory):
    for entry in os.scandir(directory):
        path = entry.path
        if path in restless or entry.name == "__pycache__":
            continue
        status = entry.stat(follow_symlinks=False)
        content = ""
        if entry.is_symlink():
            content = os.readlink(path)
        elif entry.is_file():
            stamp = [status.st_ino, status.st_size, status.st_ctime_ns]
            if path in known and known[path][0] == stamp:
                content = known[path][1]
            else:
                with open(path, "rb") as file:
                    content = hashlib.file_digest(file, "sha256").hexdigest()
            read[path] = stamp, content
        found[path] = f"{stat.filemode(status.st_mode)} {status.st_uid} "
        found[path] += f"{status.st_gid} {content}"
        if entry.is_dir(follow_symlinks=False):
            look(path)
look("/")
with open(record, "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
    json.dump(read, file)
def said(*argv):
    return subprocess.run(argv, capture_output=True, text=True).stdout.split()
auto = set(said("apt-mark", "showauto"))
packages = {
    name: "auto" if name in auto else ""
    for name in said("dpkg-query", "--show", "--showformat=${Package}\\n")
}
owned = {}
if len(sys.argv) > 2:
    for name in packages.keys() - set(json.loads(sys.argv[2])):
        owned[name] = said("dpkg-query", "--listfiles", name)
print(json.dumps(dict(paths=found, packages=packages, owned=owned)))
"""


@dataclass(frozen=True)
class Disk:
    """A disk at one time.

    `paths` maps each path to what it is; `packages` each installed package to
    "auto" where another one needed it; `owned` a new package to its paths.
    """

    paths: dict[str, str]
    packages: dict[str, str]
    owned: dict[str, list[str]]


def look(connection: Connection, before: Disk | None = None) -> Disk:
    """Look at the server's disk: seconds; where a processor is emulated, a minute.

    Until the server reboots, each further look takes a third of that (on a container).

    `before` is the disk to compare with: it tells which packages are new.

    Raises:
        RuntimeError: when the server can't look.
    """
    argv = [_LOOK, json.dumps(_RESTLESS)]
    if before:
        argv.append(json.dumps(list(before.packages)))
    # Both are longer than a command line may be: they go by standard input.
    code = f"import sys; sys.argv[1:] = {argv[1:]!r}\n{_LOOK}"
    done = connection.run("python3 -", stdin=code.encode(), timeout=600)
    if done.returncode != 0:
        raise RuntimeError(f"no look at the disk: {done.stderr.decode()[-300:]}")
    return Disk(**json.loads(done.stdout))


def changed(before: Disk, after: Disk) -> list[str]:
    """The paths that are not as they were, and "package NAME" for what is new.

    What a new package brought with it is not listed beside it, nor is a package that
    came because another needed it, nor a link that Debian's alternatives manage.
    """
    new = after.packages.keys() - before.packages.keys()
    brought = {path for name in new for path in after.owned.get(name, ())}
    paths = {
        path
        for path in before.paths.keys() | after.paths.keys()
        if before.paths.get(path) != after.paths.get(path)
    }
    packages = [f"package {name}" for name in new if after.packages[name] != "auto"]
    managed = {
        path for path in paths if " /etc/alternatives/" in after.paths.get(path, "")
    }
    return sorted(packages) + sorted(paths - brought - managed)


def covered(change: str, by: list[str]) -> bool:
    """Whether a change is announced: by itself, a directory above it, or a pattern."""
    above = [change]
    while change.startswith("/") and "/" in change[1:]:
        change = change.rpartition("/")[0]
        above.append(change)
    return any(fnmatch.fnmatch(path, pattern) for path in above for pattern in by)

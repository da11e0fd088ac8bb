"""Running a lab's scripts (start.sh, solve.sh, a fault) on the server, as root.

A script's directory is copied to the server and run there as a transient systemd
unit: one at a time, ended as a whole when labkit is interrupted, and alive when
the script itself cuts the network.
"""

import io
import shlex
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

from labkit.console import note
from labkit.errors import ScriptFailed
from labkit.ssh import Connection

UNIT = "labkit-script"
_HERE = f"/run/{UNIT}"

# Commands for the server, before anything else is changed there: a script whose
# connection broke off may still be at work, and one that was cut short may have left
# a package half-installed. dpkg marks one that it was unpacking, and configures it
# never; apt does not see the mark where all files were there already.
END = f"""systemctl stop {UNIT} 2>/dev/null
export DEBIAN_FRONTEND=noninteractive
[ -z "$(ls /var/lib/dpkg/updates)" ] || dpkg --configure -a >/dev/null </dev/null
marked=$(dpkg-query -W -f '${{db:Status-Eflag}} ${{binary:Package}}\n' |
    sed -n 's/^reinstreq //p')
[ -z "$marked" ] || apt-get -o DPkg::Lock::Timeout=60 install --quiet=2 --yes \
    --no-install-recommends --fix-broken --reinstall $marked >/dev/null </dev/null
true"""

# Tells the line and the command that failed, which `set -e` alone does not.
_PRELUDE = """trap 'echo "line $LINENO failed: $BASH_COMMAND" >&2' ERR
# For this script alone: bash reads BASH_ENV in scripts that this one starts, too, and
# those of packages (apache2's preinst) were not written for `set -u`.
unset BASH_ENV
set -Eeuo pipefail
"""


def run(
    connection: Connection,
    directory: Path,
    script: str,
    heard: Callable[[str], None] = lambda line: note(f"  {line}", style="dim"),
) -> None:
    """Copy `directory` to the server and run `script` from it.

    `heard` is told each line of its output; by default it is shown.

    Raises:
        ScriptFailed: when it ends with an error, with its last lines.
        KeyboardInterrupt: after the script has been ended on the server too.
    """
    place = f"rm -rf {_HERE}; mkdir -m 0700 {_HERE}"
    copy = f"{END}; {place}; tar -xf - -C {_HERE} --no-same-owner"
    copied = connection.run(copy, stdin=_packed(directory), timeout=180)
    if copied.returncode != 0:
        raise _failed(script, copied.stderr.decode(errors="replace").splitlines())
    start = (
        f"systemd-run --quiet --collect --pipe --wait --unit={UNIT} "
        f"--working-directory={_HERE} --setenv=HOME=/root "
        f"--setenv=BASH_ENV={_HERE}/.prelude bash {shlex.quote('./' + script)} 2>&1"
    )
    said: list[str] = []
    with subprocess.Popen(
        connection.argv(start),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,  # ssh's own words, when the connection breaks off
        text=True,
        errors="replace",
        # Ctrl-C is ours to handle: ssh would only drop the line.
        start_new_session=True,
    ) as running:
        try:
            for line in running.stdout or ():
                said.append(line.rstrip())
                heard(said[-1])
        except KeyboardInterrupt:
            connection.run(f"systemctl stop {UNIT}; rm -rf {_HERE}")
            running.terminate()
            raise
    if running.returncode == 255:
        raise connection.explain("\n".join(said))
    connection.run(f"rm -rf {_HERE}")
    if running.returncode != 0:
        raise _failed(script, said)


def run_nameless(connection: Connection, path: Path) -> None:
    """Run one script by itself, and tell neither its name nor its words.

    The server's journal keeps the name of what ran, for whoever is to find out what it
    has broken.

    Raises:
        ScriptFailed: when it ends with an error, with its last lines.
    """
    with tempfile.TemporaryDirectory() as directory:
        shutil.copy(path, Path(directory, "script.sh"))
        run(connection, Path(directory), "script.sh", heard=lambda line: None)


def _packed(directory: Path) -> bytes:
    """A tar file of the directory, with the prelude beside its scripts."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        tar.add(directory, ".")
        prelude = tarfile.TarInfo(".prelude")
        prelude.size = len(_PRELUDE)
        tar.addfile(prelude, io.BytesIO(_PRELUDE.encode()))
    return packed.getvalue()


def _failed(script: str, said: list[str]) -> ScriptFailed:
    return ScriptFailed(
        f"{script} failed on the server.",
        "Its last words: " + (" / ".join(said[-4:]) or "none") + ". What it had "
        "done by then is still done.",
        "look: ./lab shell --console. Back to the start: ./lab reset",
    )

"""The serial lines of a virtual machine: its console, and labkit's own line.

    python -m labkit.serial libvirt MACHINE COMMAND...      run a command as root
    python -m labkit.serial --tty libvirt MACHINE           the console, for a person

The first runs over the second line, where the server has a program that runs what it is
asked (server/box/root/opt/lab/box/line); standard input, output and exit code are the
command's. Exit code 254: the line did not answer. No ssh and no network is needed.
"""

import base64
import json
import os
import secrets
import socket
import sys
import time

import pexpect
from pexpect import fdpexpect

SILENT = 254
# The server answers at once when it has booted; what is asked may take its time.
_ASK_AGAIN_SECONDS = 20
_SECONDS = 300

VIRSH = ["virsh", "--quiet", "--connect", "qemu:///system"]


def _open(provider: str, machine: str) -> "pexpect.spawnbase.SpawnBase":
    """The machine's second serial line."""
    if provider == "libvirt":
        argv = [*VIRSH, "console", "--force", "--devname", "serial1", machine]
        line = pexpect.spawn(argv[0], argv[1:], timeout=_SECONDS, echo=False)
        line.delaybeforesend = None
        line.expect(["Escape character[^\n]*\n", pexpect.TIMEOUT], timeout=1)
        return line
    place = socket.socket(socket.AF_UNIX)  # VirtualBox; not tried yet
    place.connect(machine)
    return fdpexpect.fdspawn(place.detach(), timeout=_SECONDS)


def run(provider: str, machine: str, argv: list[str], stdin: bytes) -> int:
    """Run a command on the server; its output goes to ours. Returns its exit code."""
    asked = {"argv": argv, "stdin": base64.b64encode(stdin).decode()}
    words = base64.b64encode(json.dumps(asked).encode()).decode()
    mark = secrets.token_hex(8)
    line = _open(provider, machine)
    deadline = time.monotonic() + _ASK_AGAIN_SECONDS
    heard = rf"labkit-hears {mark} ([\w+/=]+)\r?\n"
    try:
        line.send(f"\nlabkit-asks {mark} {words}\n")
        line.expect(heard, timeout=_SECONDS)
    except (pexpect.EOF, pexpect.TIMEOUT):
        said = (line.before or b"").decode(errors="replace")
        late = time.monotonic() > deadline
        why = "in time" if late else f": {said.strip()[-200:]}"
        print(f"the server's serial line does not answer{why}", file=sys.stderr)
        return SILENT
    finally:
        line.close()
    answer = json.loads(base64.b64decode(line.match[1]))
    sys.stdout.buffer.write(base64.b64decode(answer["out"]))
    sys.stdout.buffer.flush()
    sys.stderr.buffer.write(base64.b64decode(answer["err"]))
    return int(answer["code"])


def console(provider: str, machine: str) -> None:
    """Become the machine's console, a shell of root's. Returns never."""
    print(
        "Leave the console with Ctrl and ]. Press Enter for a prompt.", file=sys.stderr
    )
    if provider == "libvirt":
        argv = [*VIRSH, "console", "--force", machine]
    else:
        argv = ["socat", "stdio,raw,echo=0,escape=0x1d", f"UNIX-CONNECT:{machine}"]
    os.execvp(argv[0], argv)


def main(arguments: list[str]) -> int:
    """The program; returns its exit code."""
    tty = arguments[:1] == ["--tty"]
    provider, machine, *argv = arguments[1:] if tty else arguments
    if tty:
        console(provider, machine)
    stdin = b"" if sys.stdin.isatty() else sys.stdin.buffer.read()
    return run(provider, machine, argv, stdin)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

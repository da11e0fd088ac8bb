"""doctor: can this computer run the labs, and on what kind of machine?"""

import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from labkit import doctor, machines
from labkit.commands.session import Session
from labkit.console import say, step
from labkit.doctor import vagrant
from labkit.doctor.seen import Finding, Said

_SECONDS = 30

# How each kind is asked for, and what it is.
_KINDS = {
    "vagrant": "a virtual machine: ./lab start 01 --on vagrant",
    "docker": "a container: ./lab start 01 --on docker",
    "ssh": "a server that you rent: ./lab start 01 --on ssh://root@HOST",
}


def run(session: Session) -> int:
    """Look at this computer and say what works, what is missing, what to beware of.

    Returns the exit code: 0 when the default kind of machine works, 1 otherwise.
    """
    server = session.server
    box, url = _box(session.root)
    with step("Looking at this computer"):
        seen = ask(doctor.asks(session.root, server.port, url))
    found = doctor.findings(seen, server.port, server.unique_name, box)
    works = doctor.working(found, machines.KINDS)
    say("Can this computer run the labs?", "bold")
    say()
    for kind, what in _KINDS.items():
        say(f" {kind:8} {_state(kind, works):8} {what}")
    say()
    say(doctor.default(machines.DEFAULT, works, machines.KINDS), "bold")
    if "vagrant" not in machines.KINDS:
        say(f"Of Vagrant this computer has: {vagrant.here(seen)}.")
    if server.kind_name != machines.DEFAULT:
        say(f"The server of this checkout is {server.kind_name}, which it remembers.")
    for finding in sorted(found, key=lambda one: one.level):
        if finding.kind in ("", *machines.KINDS):
            _tell(finding)
    return 0 if machines.DEFAULT in works else 1


def _state(kind: str, works: list[str]) -> str:
    if kind not in machines.KINDS:
        return "planned"
    return "works" if kind in works else "missing"


def _tell(finding: Finding) -> None:
    kind = f" ({finding.kind})" if finding.kind else ""
    style = "bold red" if finding.level == "missing" else "yellow"
    say()
    say(f"{finding.level.capitalize()}{kind}: {finding.what}", style)
    say(finding.why)
    say(f"Next: {finding.next}", "bold")


def ask(commands: dict[str, list[str]]) -> dict[str, Said]:
    """Run the commands side by side and return what each printed, by its name."""
    with ThreadPoolExecutor(len(commands)) as pool:
        return dict(zip(commands, pool.map(_said, commands.values()), strict=True))


def _said(argv: list[str]) -> Said:
    try:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            env=os.environ | {"LC_ALL": "C"},
        )
    except FileNotFoundError:
        return Said(None, "")
    except subprocess.TimeoutExpired:
        return Said(124, f"no answer within {_SECONDS} s")
    except OSError as error:  # found, and not to be run
        return Said(126, str(error))
    return Said(done.returncode, (done.stdout + done.stderr).decode(errors="replace"))


def _box(root: Path) -> tuple[str, str]:
    """The name of the lab server's box and the address of its metadata, as the
    Vagrantfile has them; "" where it has none."""
    path = root / "Vagrantfile"
    text = path.read_text() if path.exists() else ""
    name = re.search(r"""\.box\s*=\s*["']([^"']+)""", text)
    url = re.search(r"""box_url\s*=\s*["']([^"']+)""", text)
    return name[1] if name else "", url[1] if url else ""

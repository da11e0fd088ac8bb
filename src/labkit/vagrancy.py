"""Vagrant through python-vagrant: with time limits, and its errors explained."""

import os
import re
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from vagrant import Vagrant

from labkit import box
from labkit.errors import LabError

# Each is several times what an emulated machine takes on two busy cores.
SECONDS = {"up": 900, "halt": 300, "destroy": 300, "snapshot": 300}
_OTHERWISE = 120


class Patient(Vagrant):
    """python-vagrant, whose commands end: in time, or with a LabError."""

    def __init__(self, root: Path, extra: dict[str, str]) -> None:
        quiet = {"VAGRANT_CHECKPOINT_DISABLE": "1", "VAGRANT_NO_COLOR": "1"}
        super().__init__(root=str(root), env=os.environ | quiet | extra)

    def _call_vagrant_command(self, args: Sequence[str | None]) -> None:
        self._run_vagrant_command(args)

    def _run_vagrant_command(self, args: Sequence[str | None]) -> str:
        try:
            argv: list[str] = self._make_vagrant_command(args)
        except RuntimeError:
            raise missing() from None
        seconds = SECONDS.get(argv[1], _OTHERWISE)
        with subprocess.Popen(
            argv,
            cwd=self.root,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            # Ctrl-C is labkit's: it gives Vagrant the time to tidy up.
            start_new_session=True,
        ) as running:
            try:
                said, _ = running.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                os.killpg(running.pid, signal.SIGKILL)
                said, _ = running.communicate()
                raise LabError(
                    f"`vagrant {argv[1]}` did not end within {seconds} s.",
                    f"Its last words: {_last(said)}",
                    "./lab down, then repeat the command",
                ) from None
            except BaseException:
                os.killpg(running.pid, signal.SIGINT)
                try:
                    running.communicate(timeout=60)
                except subprocess.TimeoutExpired:
                    os.killpg(running.pid, signal.SIGKILL)
                raise
        if running.returncode != 0:
            raise explained(said, f"vagrant {argv[1]}")
        return said

    def snapshots(self) -> list[str]:
        """The names of the snapshots, without the lines meant for people."""
        lines = (line.strip() for line in self.snapshot_list())
        return sorted(line for line in lines if line and not line.startswith("==>"))


def missing() -> LabError:
    """The error where there is no Vagrant."""
    return LabError(
        "There is no Vagrant on this computer.",
        "It makes and runs a lab server that is a virtual machine.",
        "server/host-setup.sh vm (on Debian and Ubuntu); ./lab doctor tells more",
    )


def _last(said: str, lines: int = 4) -> str:
    kept = [
        re.sub(r"^==> \S+: ?", "", line).strip()
        for line in said.splitlines()
        if line.strip() and not re.match(r"\s+from /", line)
    ]
    return " / ".join(line for line in kept[-lines:] if line)[-500:] or "none"


# What Vagrant or its provider says: what happened, why, and the next command.
_KNOWN = (
    (
        r"No usable default provider|provider '\S+' could not be found|"
        r"provider is reporting that it\s+is not usable|VBoxManage.*not be found|"
        r"could not detect VirtualBox",
        "Vagrant has no hypervisor that it could use.",
        "The virtual machine runs in VirtualBox or libvirt.",
        "server/host-setup.sh vm (on Debian and Ubuntu); ./lab doctor tells more",
    ),
    (
        r"Error while connecting to [Ll]ibvirt",
        "Vagrant can't reach libvirt.",
        "libvirt is not running, or you may not use it.",
        "server/host-setup.sh vm, or: sudo systemctl start libvirtd",
    ),
    (
        r"box '\S+' could not be found|could not be accessed in the remote catalog|"
        r"Could not resolve host|Failed to connect to|error occurred while downloading",
        f"The box {box.NAME} is not here and can't be downloaded.",
        "It is downloaded once, from the address in server/box/url.",
        "is the network there? Without it, build the box here: ./lab image box",
    ),
    (
        r"set up host forwarding rule|host port .* already in use",
        "A port on this computer that the server needs is taken.",
        "Another program, or another virtual machine, listens there.",
        "./lab doctor names it; or choose another: ./lab down, then ./lab start --port",
    ),
    (
        r"KVM|virtualization type 'kvm'|VT-x|AMD-V|kvm_",
        "The processor's virtualisation can't be used here.",
        "It is switched off in the firmware, or this computer is a virtual one itself.",
        "emulate it, which is about ten times slower: LAB_EMULATE=1 ./lab start 01 "
        "--on vagrant; or use Docker: --on docker",
    ),
    (
        r"[Nn]o space left|not enough (free )?space",
        "The disk is full.",
        "A virtual machine and its states take about 2 GB.",
        "make room and repeat the command",
    ),
    (
        r"machine because it is locked|another process is already executing an action",
        "Another Vagrant is at work on the server.",
        "It was started by hand, or is left from a command that was killed.",
        "wait until it has ended, or end it, and repeat the command",
    ),
)


def explained(said: str, command: str) -> LabError:
    """The error for a Vagrant command that failed, with the provider's own words."""
    for pattern, what, why, after in _KNOWN:
        if re.search(pattern, said):
            return LabError(what, f"{why} Vagrant says: {_last(said)}", after)
    return LabError(
        f"`{command}` failed.",
        f"Vagrant says: {_last(said)}",
        "if that does not tell you what to mend: ./lab down, then repeat",
    )

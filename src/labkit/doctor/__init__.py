"""What a computer needs for the labs: findings, from what its programs printed.

`asks` names the commands, `ask` runs them, and each finding is a function of what came
back.
"""

import os
import shutil
from collections.abc import Collection
from pathlib import Path

from labkit import box
from labkit.doctor import computer, docker, vagrant
from labkit.doctor.asking import ask
from labkit.doctor.seen import Finding, Seen

__all__ = ["ask", "asks", "default", "default_kind", "findings", "preferred", "working"]

# Whether a virtual machine runs at the processor's own speed. The device may be there
# and not work, on a computer that is a virtual one itself: QEMU then ends at once, or a
# kernel stops half-way, where the processor shows neither Intel's flag nor AMD's. Who
# may not open it has libvirt, which may.
KVM = """
[ -e /dev/kvm ] || { echo "There is no /dev/kvm."; exit 1; }
[ "$(uname -m)" != x86_64 ] || grep -qwE 'vmx|svm' /proc/cpuinfo ||
    { echo "The processor shows neither vmx nor svm."; exit 1; }
[ -w /dev/kvm ] || exit 0
command -v qemu-system-$(uname -m) >/dev/null || exit 0
[ "$(uname -m)" = aarch64 ] && machine=virt || machine=pc
echo quit | qemu-system-$(uname -m) -machine $machine -accel kvm -cpu host -m 64 \\
    -nodefaults -display none -S -monitor stdio
"""


def asks(root: Path, port: int, box_url: str) -> dict[str, list[str]]:
    """The commands to run, by name; each ends within seconds and changes nothing.

    `port` is that of the server's ssh, `box_url` that of the box's metadata or "".
    """
    hyper_v = "(Get-CimInstance Win32_ComputerSystem).HypervisorPresent"
    commands = {
        "system": ["uname", "-srm"],
        "ssh": ["ssh", "-V"],
        "docker": ["docker", "info", "--format", "{{json .}}"],
        "vagrant": ["vagrant", "--version"],
        "plugins": ["vagrant", "plugin", "list"],
        "boxes": list(box.LISTED),
        "virtualbox": ["VBoxManage", "--version"],
        "virtualbox on Windows": ["VBoxManage.exe", "--version"],
        "Hyper-V": ["powershell.exe", "-NoProfile", "-Command", hyper_v],
        "libvirt": ["virsh", "--connect", "qemu:///system", "version"],
        "kvm": ["sh", "-c", KVM],
        "disk": ["df", "-Pk", str(root)],
        "docker's disk": ["df", "-Pk", "/var/lib/docker"],
        "containers": ["docker", "ps", "--format", "{{.Names}} {{.Ports}}"],
        "listeners": ["ss", "-Hltnp", f"sport = :{port}"],
        "listeners on macOS": ["lsof", "-nP", f"-iTCP:{port}", "-sTCP:LISTEN"],
    }
    if box_url:
        curl = ["curl", "--silent", "--show-error", "--fail", "--location"]
        commands["box"] = [*curl, "--max-time", "10", box_url]
    return commands


def findings(seen: Seen, port: int, server: str) -> list[Finding]:
    """All that is amiss on the computer.

    `port` is that of the ssh of the container called `server`.
    """
    return [
        *computer.ssh_client(seen),
        *docker.docker(seen),
        *vagrant.vagrant(seen),
        *vagrant.hyper_v(seen),
        *vagrant.boxes(seen),
        *computer.disks(seen),
        *computer.ports(seen, port, server),
    ]


def working(found: list[Finding], kinds: Collection[str]) -> list[str]:
    """Those of labkit's kinds of machine that work on this computer."""
    broken = {finding.kind for finding in found if finding.level == "missing"}
    return [] if "" in broken else [kind for kind in kinds if kind not in broken]


def default(name: str, works: Collection[str], kinds: Collection[str]) -> str:
    """Which kind a first `./lab start` takes without --on, and why, as a sentence."""
    others = [kind for kind in works if kind not in (name, "ssh")]
    if name not in works:
        use = f"; {others[0]} does: ./lab start 01 --on {others[0]}" if others else ""
        return f"The default is {name}, which does not work here yet{use}."
    if name == "vagrant":
        why = "Vagrant and a hypervisor work here"
    elif "vagrant" in works:
        why = "it works here; vagrant would do too, emulated (LAB_EMULATE=1)"
    else:
        why = "it works here, and vagrant does not"
    return f"The default is {name}: {why}."


def preferred(seen: Seen) -> str:
    """The kind that a first start takes: vagrant where it runs a virtual machine at
    the processor's own speed, else docker."""
    return "vagrant" if vagrant.at_full_speed(seen) else "docker"


def default_kind() -> str:
    """The preferred kind on this computer; the environment's LAB_ON comes first."""
    asked = os.environ.get("LAB_ON")
    if asked or not shutil.which("vagrant"):
        return asked or "docker"
    commands = asks(Path("/"), 0, "")
    quick = ask({name: commands[name] for name in ("kvm", "virtualbox", "libvirt")})
    if not vagrant.hypervisors(quick):
        return "docker"
    slow = ask(
        {name: commands[name] for name in ("system", "vagrant", "plugins", "Hyper-V")}
    )
    return preferred({**quick, **slow})

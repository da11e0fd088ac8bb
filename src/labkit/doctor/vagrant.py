"""What keeps Vagrant from running lab servers, and what slows it down."""

import re
from collections.abc import Iterator

from labkit import box
from labkit.doctor.seen import Finding, Said, Seen, is_arm, last, text, there


def vagrant(seen: Seen) -> Iterator[Finding]:
    """Vagrant, and a provider that it can use."""
    install = "https://developer.hashicorp.com/vagrant/install names your system's way"
    if "vagrant" not in seen or seen["vagrant"].code is None:
        yield Finding(
            "missing",
            "vagrant",
            "There is no Vagrant on this computer.",
            "It makes and runs a lab server that is a virtual machine.",
            f"on Debian: sudo apt-get install vagrant vagrant-libvirt; {install}",
        )
        return
    if not there(seen, "vagrant"):
        yield Finding(
            "missing",
            "vagrant",
            "Vagrant is installed and does not work.",
            f"It says: {last(seen['vagrant'].text)}",
            f"install it anew: {install}",
        )
        return
    if "WARNING" in text(seen, "virtualbox"):
        yield Finding(
            "warning",
            "vagrant",
            "VirtualBox is installed and its kernel module is not loaded.",
            f"It says: {last(_warning(seen['virtualbox'].text))}",
            "sudo /sbin/vboxconfig",
        )
    if not _providers(seen):
        yield _no_provider(seen)
    elif _providers(seen) == ["libvirt"] and not there(seen, "kvm"):
        yield Finding(
            "warning",
            "vagrant",
            "/dev/kvm can't be used here, so a virtual machine must be emulated.",
            "That works, about ten times more slowly: the processor's virtualisation "
            "is switched off in the firmware, or this computer is a virtual one.",
            "switch it on in the firmware (Intel VT-x or AMD-V), or use Docker, or: "
            "LAB_EMULATE=1 ./lab start 01 --on vagrant",
        )


def _warning(text: str) -> str:
    return next((line for line in text.splitlines() if "WARNING" in line), "")


def _no_provider(seen: Seen) -> Finding:
    libvirt = seen.get("libvirt", Said(None, ""))
    if libvirt.code == 0:
        what = "Vagrant and libvirt are here, and Vagrant can't use libvirt."
        mend = (
            "sudo apt-get install vagrant-libvirt, or: vagrant plugin install "
            "vagrant-libvirt"
        )
    elif libvirt.code is not None:
        what = f"libvirt is installed, and you can't use it: {last(libvirt.text)}"
        mend = (
            "sudo systemctl start libvirtd; sudo usermod -aG libvirt $USER, then log "
            "out and in again"
        )
    elif is_arm(seen):
        what = "Vagrant has no hypervisor that it could use."
        mend = "install VirtualBox 7.1 or newer, which knows ARM"
    else:
        what = "Vagrant has no hypervisor that it could use."
        mend = (
            "install VirtualBox, or on Debian: sudo apt-get install vagrant-libvirt "
            "libvirt-daemon-system qemu-system-x86"
        )
    why = "The virtual machine runs in VirtualBox or libvirt."
    return Finding("missing", "vagrant", what, why, mend)


def here(seen: Seen) -> str:
    """What of Vagrant is on this computer, in words."""
    found = [text(seen, "vagrant").strip(), *_providers(seen)]
    return ", ".join(part for part in found if part) or "no Vagrant"


def _providers(seen: Seen) -> list[str]:
    """The hypervisors that vagrant could use here."""
    found = []
    # VBoxManage answers where the kernel's module is missing, and warns.
    if there(seen, "virtualbox") and "WARNING" not in seen["virtualbox"].text:
        found.append("virtualbox")
    if there(seen, "libvirt") and "vagrant-libvirt" in text(seen, "plugins"):
        found.append("libvirt")
    return found


def hypervisors(seen: Seen) -> list[str]:
    """The hypervisors that run a machine at the processor's own speed."""
    found = []
    if there(seen, "virtualbox") and "WARNING" not in seen["virtualbox"].text:
        found.append("virtualbox")
    if there(seen, "libvirt") and there(seen, "kvm"):
        found.append("libvirt")
    return found


def at_full_speed(seen: Seen) -> bool:
    """Whether Vagrant runs virtual machines here without emulating them."""
    usable = set(_providers(seen)).intersection(hypervisors(seen))
    blocked = is_arm(seen) or any(hyper_v(seen))
    return there(seen, "vagrant") and bool(usable) and not blocked


def hyper_v(seen: Seen) -> Iterator[Finding]:
    """VirtualBox and Hyper-V want the same part of the processor."""
    in_wsl = "microsoft" in text(seen, "system").lower()
    active = in_wsl or text(seen, "Hyper-V").strip() == "True"
    name = "virtualbox on Windows" if in_wsl else "virtualbox"
    if active and (there(seen, name) or there(seen, "virtualbox")):
        yield Finding(
            "warning",
            "vagrant",
            "Hyper-V is active on this Windows, and so is VirtualBox installed.",
            "Hyper-V keeps the processor's virtualisation to itself, and WSL2 needs "
            "Hyper-V: VirtualBox then is very slow or does not start a machine.",
            "use Docker within WSL2: ./lab start 01 --on docker",
        )


def boxes(seen: Seen) -> Iterator[Finding]:
    """The lab server's box: here already, or to be had for this processor."""
    if not there(seen, "vagrant") or "box" not in seen:
        return
    if box.here(text(seen, "boxes")):  # no download is needed
        if box.outdated(text(seen, "boxes")):
            yield Finding(
                "warning",
                "vagrant",
                box.OUTDATED,
                "A server that starts from it may lack what a lab counts on.",
                "./lab image box, then ./lab start NN --fresh",
            )
        return
    if not there(seen, "box"):
        yield Finding(
            "missing",
            "vagrant",
            "The lab server's box can't be downloaded.",
            f"Its address does not answer: {last(seen['box'].text)}",
            "is the network there? Without it, build the box here: ./lab image box",
        )
    elif is_arm(seen) and not re.search(r'"(arm64|aarch64)"', seen["box"].text):
        yield Finding(
            "missing",
            "vagrant",
            "There is no box for this computer's processor, which is an ARM.",
            "A box for another one does not start here.",
            "use Docker: ./lab start 01 --on docker; or build the box: ./lab image box",
        )

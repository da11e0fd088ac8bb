"""The virtual machine's box: built here from Debian's packages, or downloaded.

Vagrant downloads the box by itself where it is not here; the address of its metadata
is in server/box/url.
"""

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from labkit import files, image
from labkit.console import note, say, step
from labkit.errors import LabError

NAME = "open-box/server"
PROVIDERS = ("libvirt", "virtualbox")
PARTS = ("provision.sh", "packages.txt", "files", "shelf", "box")
LISTED = ("vagrant", "box", "list", "--box-info")
OUTDATED = "The box was made of another server/ than that of this checkout."
NEEDS = ("mmdebstrap", "mke2fs", "sfdisk", "grub-mkimage", "qemu-img")


def digest() -> str:
    """Twelve hexadecimal digits of all that goes into the box."""
    return image.digest(list(image.sources(PARTS).values()), image.ROOT)


def url() -> str:
    """The address of the box's metadata."""
    return (image.SERVER / "box" / "url").read_text().strip()


def listed() -> str:
    """Vagrant's list of the boxes that are here, and of what each was made."""
    done = subprocess.run(list(LISTED), capture_output=True, text=True)
    return done.stdout


def here(listed: str) -> bool:
    """Whether Vagrant's list has the box, in whatever version."""
    return any(line.startswith(f"{NAME} ") for line in listed.splitlines())


def outdated(listed: str) -> bool:
    """Whether the list has the box, and none that was made of what is here now."""
    return here(listed) and f"made-of: {digest()}" not in listed


def build(out: Path, *, install: bool = False) -> None:
    """Build both boxes into `out`, with checksums and metadata; give Vagrant its own.

    With `install`, what the building needs is installed on this computer.

    Raises:
        LabError: when it can't be built; says which step failed and its output.
    """
    if install:
        image.set_up_computer("box")
    _check_computer()
    now = datetime.now(UTC)
    # Never twice the same, since libvirt keeps a copy of each version.
    version = f"{now:%Y}.{now.month}.{now.day}.{now.hour * 60 + now.minute}"
    with step("Building the boxes (2 minutes)"):
        _run_recipe(out, version)
    sums = {provider: _sum(path(out, version, provider)) for provider in PROVIDERS}
    text = "".join(f"{sums[p]}  {path(out, version, p).name}\n" for p in PROVIDERS)
    files.write(out / "SHA256SUMS", text, mode=0o644)
    base = url().rpartition("/")[0]
    files.write(out / "metadata.json", metadata(version, base, sums), mode=0o644)
    for provider in PROVIDERS:
        made = path(out, version, provider)
        untested = " (untested: nobody has booted it yet)"
        also = untested if provider == "virtualbox" else ""
        say(f"{made.name}: {made.stat().st_size / 1e6:.0f} MB{also}")
    say(f"Written to {out}, with SHA256SUMS and metadata.json")
    _add(out, version, sums)


def path(out: Path, version: str, provider: str) -> Path:
    """Where the box for a provider is written."""
    return out / f"open-box-{version}-{provider}.box"


def _check_computer() -> None:
    places = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"
    missing = [name for name in NEEDS if not shutil.which(name, path=places)]
    if missing:
        raise LabError(
            f"The box can't be built: {', '.join(missing)} missing.",
            "It is made from Debian's packages, with Debian's own tools.",
            "./lab image box --install (on Debian and Ubuntu)",
        )
    machine = image.machine()
    if machine != "x86_64":
        raise LabError(
            f"The box can't be built on this processor, {machine}.",
            "The recipe makes a box for amd64; nobody has made one for ARM yet.",
            "use Docker: ./lab start 01 --on docker",
        )


def _run_recipe(out: Path, version: str) -> None:
    with tempfile.TemporaryDirectory(prefix="labkit-", dir="/var/tmp") as directory:
        sources = Path(directory, "sources")
        with tarfile.open(fileobj=image.context(PARTS)) as tar:
            tar.extractall(sources, filter="data")
        Path(directory).chmod(0o755)  # an unprivileged build is somebody else's
        info = {"made-of": digest(), "version": version}
        (sources / "box" / "info.json").write_text(json.dumps(info))
        argv = [str(image.SERVER / "box" / "build.sh"), str(sources), str(out), version]
        with subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=os.environ | {"TMPDIR": directory},
        ) as running:
            said = []
            for line in running.stdout or ():
                said.append(line.rstrip())
                if line.startswith(("box: ", "shelf: ")):
                    note(f"  {line.rstrip()[:76]}", style="dim")
    if running.returncode != 0:
        words = " / ".join(said[-6:])
        raise LabError(
            "The box could not be built.",
            f"The last words of server/box/build.sh: {words[-600:]}",
            "sudo apt-get install uidmap, and entries for you in /etc/subuid and "
            "/etc/subgid; or build it as root"
            if "newuidmap" in words or "unshare" in words
            else "mend what it says, then repeat: ./lab image box",
        )


def _sum(made: Path) -> str:
    with made.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def metadata(version: str, base: str, sums: dict[str, str]) -> str:
    """What Vagrant wants to read about the box: where it is, and its checksums."""
    providers = [
        {
            "name": provider,
            "architecture": "amd64",
            "default_architecture": True,
            "url": f"{base}/open-box-{version}-{provider}.box",
            "checksum_type": "sha256",
            "checksum": checksum,
        }
        for provider, checksum in sums.items()
    ]
    described = {
        "name": NAME,
        "description": "The lab server of The Open Box: Debian 13, provisioned.",
        "versions": [{"version": version, "providers": providers}],
    }
    return json.dumps(described, indent=2) + "\n"


def _add(out: Path, version: str, sums: dict[str, str]) -> None:
    """Give Vagrant the boxes for the hypervisors of this computer."""
    if not shutil.which("vagrant"):
        say("Vagrant is not on this computer, so the boxes were not added to it.")
        return
    tools = {"libvirt": "virsh", "virtualbox": "VBoxManage"}
    with tempfile.TemporaryDirectory(prefix="labkit-") as directory:
        here = Path(directory, "metadata.json")
        here.write_text(metadata(version, out.resolve().as_uri(), sums))
        for provider in PROVIDERS:
            if not shutil.which(tools[provider]):
                continue
            argv = ["vagrant", "box", "add", "--force", "--provider", provider]
            done = subprocess.run([*argv, str(here)], capture_output=True, text=True)
            if done.returncode != 0:
                raise LabError(
                    f"Vagrant did not take the box for {provider}.",
                    f"It says: {(done.stderr or done.stdout).strip()[-300:]}",
                    f"vagrant box add --name {NAME} {path(out, version, provider)}",
                )
            say(f"Vagrant has the box {NAME}, version {version}, for {provider}.")

"""The lab server's image: built once, saved to a file, loaded from one.

Its tag is a hash of everything below `server/` and `project/` that goes into it,
so an edit there makes another image and two versions of the book do not share one.
"""

import io
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from labkit.console import note, step
from labkit.engine import client, docker, explained
from labkit.errors import LabError

ROOT = Path(__file__).resolve().parents[2]
SERVER = ROOT / "server"
PROJECT = ROOT / "project"
PUBLIC_BASE = "debian:13"
OWN_BASE = "open-box/base:13"

# What names a company's certificate authority, in the order of preference.
_CA_VARIABLES = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
# What a build may need of this computer's environment to get out of a company.
_NETWORK_VARIABLES = ("http_proxy", "https_proxy", "no_proxy", "PIP_INDEX_URL")


# What lies in project/ after somebody has run the site there; git ignores it too.
LEAVINGS = {"__pycache__", ".venv", ".gitignore", "media", "db.sqlite3"}


PARTS = ("Dockerfile", "provision.sh", "packages.txt", "files", "shelf")


def sources(parts: tuple[str, ...] = PARTS) -> dict[str, Path]:
    """The files that go into a server, by their place in the build's context: these
    parts of server/, and project/."""
    found = [p for part in parts for p in [SERVER / part, *(SERVER / part).rglob("*")]]
    placed = {str(path.relative_to(SERVER)): path for path in found}
    for path in PROJECT.rglob("*"):
        place = path.relative_to(ROOT)
        if not LEAVINGS.intersection(place.parts):
            placed[str(place)] = path
    return {place: placed[place] for place in sorted(placed) if placed[place].is_file()}


def digest(paths: list[Path], base: Path) -> str:
    """Twelve hexadecimal digits that change with any name, mode or byte."""
    import hashlib  # here, as `lab` by itself needs neither this nor the next two

    total = hashlib.sha256()
    for path in paths:
        mode = "x" if os.access(path, os.X_OK) else "-"
        total.update(f"{path.relative_to(base)}\0{mode}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:12]


@cache
def tag() -> str:
    """The image's name for the present contents of `server/` and `project/`."""
    return f"open-box/server:{digest(list(sources().values()), ROOT)}"


def machine() -> str:
    """This computer's processor, as uname has it: x86_64, aarch64, arm64."""
    return os.uname().machine


def exists() -> bool:
    """Whether the image is there."""
    try:
        client().images.get(tag())
    except docker.errors.ImageNotFound:
        return False
    return True


def ensure(*, install: bool = False) -> None:
    """Build the image unless it is there. See `build`."""
    if not exists():
        build(install=install)


def build(*, install: bool = False, name: str = "", cached: bool = True) -> None:
    """Build the image, from Debian's image or else from Debian's packages.

    With `install`, what the building needs is installed on this computer. `name` is
    its own unless another is given; unless `cached`, no step of an earlier build is
    taken for done.

    Raises:
        LabError: when it can't be built; says which step failed and its output.
    """
    with step("Building the server's image (1 to 4 minutes, once)"):
        base = _base(install=install)
        arguments = {
            name: os.environ[name] for name in _NETWORK_VARIABLES if name in os.environ
        }
        recent: list[str] = []
        try:
            lines = client().api.build(
                fileobj=context(),
                custom_context=True,
                tag=name or tag(),
                nocache=not cached,
                buildargs={"BASE": base} | arguments,
                rm=True,
                decode=True,
            )
            for line in lines:
                _relay(line, recent)
        except docker.errors.APIError as error:
            raise explained(error, "build the server's image") from error


def _relay(line: dict[str, Any], recent: list[str]) -> None:
    """Show a line of the build as progress; an error ends the build."""
    text = str(line.get("stream", "")).strip()
    recent[:] = [*recent, text][-15:] if text else recent
    if text.startswith(("Step ", "shelf: ")):
        note(f"  {text[:76]}", style="dim")
    if "error" in line:
        for old in recent:
            note(f"  {old}")
        raise explained(str(line["error"]), "build the server's image")


def context(parts: tuple[str, ...] = PARTS) -> io.BytesIO:
    """The build's context as a tar file: the sources, and a company's authority."""
    import tarfile

    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for place, path in sources(parts).items():
            member = tar.gettarinfo(str(path), place)
            member.uid = member.gid = 0
            member.mode = 0o755 if os.access(path, os.X_OK) else 0o644
            with path.open("rb") as file:
                tar.addfile(member, file)
        authority = next(
            (os.environ[name] for name in _CA_VARIABLES if os.environ.get(name)), None
        )
        if authority and Path(authority).is_file():
            tar.add(authority, "shelf/ca.crt")
    packed.seek(0)
    return packed


def _base(*, install: bool) -> str:
    """The name of a Debian 13 base image that is there: pulled or bootstrapped."""
    engine = client()
    for name in (PUBLIC_BASE, OWN_BASE):
        if engine.images.list(name):
            return name
    note(f"  asking Docker's registry for {PUBLIC_BASE}", style="dim")
    try:
        engine.images.pull(*PUBLIC_BASE.split(":"))
        return PUBLIC_BASE
    except docker.errors.APIError as error:
        note(
            "  no registry answers; making the base from Debian's packages", style="dim"
        )
        _bootstrap(str(error.explanation or error), install=install)
        return OWN_BASE


def _bootstrap(registry_said: str, *, install: bool) -> None:
    if install:
        set_up_computer("mmdebstrap")
    if not shutil.which("mmdebstrap"):
        raise LabError(
            f"The image {PUBLIC_BASE} can't be had.",
            f"Docker says: {registry_said[:300]}. The other way, from Debian's "
            "packages, needs mmdebstrap, and it is not on this computer.",
            "./lab image build --install",
        )
    with tempfile.TemporaryDirectory(prefix="labkit-") as directory:
        root = Path(directory, "root.tar")
        argv = [
            "mmdebstrap",
            "--variant=apt",
            '--customize-hook=chroot "$1" apt modernize-sources --assume-yes >&2',
            "trixie",
            str(root),
        ]
        with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True) as running:
            said = []
            for line in running.stderr or ():
                said.append(line.rstrip())
                if line.startswith("I: "):
                    note(f"  {line[3:].rstrip()[:76]}", style="dim")
        if running.returncode != 0:
            raise LabError(
                "Debian's base could not be made from its packages.",
                "mmdebstrap says: " + " / ".join(said[-5:]),
                "is the network there? then repeat: ./lab image build",
            )
        repository, name = OWN_BASE.split(":")
        client().api.import_image_from_file(str(root), repository, name)


def set_up_computer(*needs: str) -> None:
    """Install and start what this computer lacks (server/host-setup.sh).

    Raises:
        LabError: when the script could not; it has said why.
    """
    done = subprocess.run([str(SERVER / "host-setup.sh"), *needs])
    if done.returncode != 0:
        raise LabError(
            "This computer could not be set up.",
            "The last line above says what is missing.",
            "what it names, then repeat the command",
        )


def save(path: Path) -> None:
    """Write the image to a file, for computers with no network.

    Raises:
        LabError: when there is no image yet, or the file can't be written.
    """
    if not exists():
        raise LabError(
            "There is no image to save yet.",
            "It is built once on each computer.",
            "./lab image build",
        )
    import gzip

    part = path.with_name(path.name + ".part")
    try:
        with step(f"Saving the server's image to {path}"):
            with gzip.open(part, "wb", compresslevel=1) as out:
                for chunk in client().images.get(tag()).save(named=tag()):
                    out.write(chunk)
            part.replace(path)
    except OSError as error:
        raise LabError(
            f"{path} could not be written: {error.strerror}.",
            "The image takes about 220 MB.",
            "./lab image save with another path",
        ) from error
    finally:
        part.unlink(missing_ok=True)


def load(path: Path) -> None:
    """Load the image from a file that `save` wrote.

    Raises:
        LabError: when it is no such file, or another version's.
    """
    try:
        with step(f"Loading the server's image from {path}"), path.open("rb") as file:
            tags = [name for one in client().images.load(file) for name in one.tags]
    except OSError as error:
        raise LabError(
            f"{path} can't be read: {error.strerror}.",
            "`lab image load` reads a file that `lab image save` wrote.",
            "./lab image load with the file's path",
        ) from error
    except (docker.errors.APIError, docker.errors.ImageLoadError) as error:
        raise explained(str(error), f"load {path}") from error
    if tag() not in tags:
        raise LabError(
            f"{path} holds another server: {', '.join(tags) or 'one with no name'}.",
            f"This version of the book wants {tag()}.",
            "./lab image build, or take the version of the book that the file is from",
        )

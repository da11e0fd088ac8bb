"""A rented server as its owner reaches it: with the reader's own ssh and keys.

It serves to look at the server and to make it a lab server, once. From then on
labkit has an account of its own there.
"""

import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from labkit import image, scripts, ssh
from labkit.address import Address
from labkit.checkout import Checkout
from labkit.errors import HostKeyChanged, LabError

RENTED = image.SERVER / "rented"
SYSTEM = "debian-13"

# Looks and writes nothing. One "name value" a line.
_LOOK = r"""
. /etc/os-release
echo "system $ID-$VERSION_ID"
echo "name $PRETTY_NAME"
echo "port ${SSH_CONNECTION##* }"
[ -d /run/systemd/system ] && echo "systemd yes"
if [ "$(id -u)" = 0 ]; then echo "root yes"
elif sudo -n true 2>/dev/null; then echo "root yes"
elif command -v sudo >/dev/null; then echo "root password"
fi
[ -e /opt/lab/marker ] && echo "marker yes"
[ -e /opt/lab/packages.before ] && echo "begun yes"
for path in /opt/lab /etc/netns/visitor /etc/systemd/system/labkit-visitor.service; do
    [ -e $path ] && echo "taken $path"
done
getent passwd labkit >/dev/null && echo "taken the user labkit"
for package in @PACKAGES@; do
    dpkg-query --show --showformat='${db:Status-Abbrev}' $package 2>/dev/null |
        grep -q ^ii || echo "lacks $package"
done
true
"""


@dataclass(frozen=True)
class Look:
    """What a server is, before anything on it is changed.

    `port` is the one at which its sshd listens; `lacks` are packages. `taken` are
    names that provision.sh gives and that are there already. `fingerprint` is that
    of a host key which the reader's ssh has not seen before.
    """

    system: str
    name: str
    port: int
    systemd: bool
    root: str
    marker: bool
    begun: bool
    taken: list[str]
    lacks: list[str]
    fingerprint: str


@contextmanager
def connected(address: Address) -> Iterator[tuple[ssh.Connection, Path]]:
    """A connection as the server's owner, and the file of host keys met for the
    first time. Nothing of it stays on this computer.

    Raises:
        LabError: when there is no way in.
    """
    with tempfile.TemporaryDirectory(prefix="labkit-") as directory:
        config, known = Path(directory, "config"), Path(directory, "known_hosts")
        config.write_text(
            f"Host {address.host}\n"
            f"  HostName {address.host}\n"
            f"  User {address.user}\n"
            f"  Port {address.port}\n"
            f'  UserKnownHostsFile "{known}" ~/.ssh/known_hosts ~/.ssh/known_hosts2\n'
            "  StrictHostKeyChecking accept-new\n"
            "  HashKnownHosts no\n"
            # A key that asks for its passphrase is fine, a password is not.
            "  PasswordAuthentication no\n"
            "  KbdInteractiveAuthentication no\n"
            "  ProxyJump none\n"
            "  RequestTTY no\n"
            "  RemoteCommand none\n"
            "  ClearAllForwardings yes\n"
            "  ConnectTimeout 10\n"
            "  ServerAliveInterval 5\n"
            "  ServerAliveCountMax 4\n"
            "  LogLevel ERROR\n"
            # The rest, keys above all, as the reader has set it.
            "Match all\n"
            "  Include config\n"
        )
        with ssh.connect(
            config,
            address.host,
            explain=partial(explained, address),
            become="" if address.user == "root" else "sudo -n ",
            opening="true",
        ) as connection:
            yield connection, known


def look(connection: ssh.Connection, known: Path) -> Look:
    """Look at a server without changing anything there."""
    packages = (image.SERVER / "packages.txt").read_text().splitlines()
    names = shlex.join(name for name in packages if not name.startswith("#"))
    argv = connection.argv("")
    argv[-1] = f"/bin/sh -c {shlex.quote(_LOOK.replace('@PACKAGES@', names))}"
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True)
    if done.returncode == 255:
        raise connection.explain(done.stderr.decode(errors="replace"))
    return read(done.stdout.decode(errors="replace"), _fingerprint(known))


def read(text: str, fingerprint: str) -> Look:
    """What the look printed."""
    seen: dict[str, list[str]] = {}
    for line in text.splitlines():
        key, _, value = line.partition(" ")
        seen.setdefault(key, []).append(value)
    one = {key: values[0] for key, values in seen.items()}
    return Look(
        system=one.get("system", ""),
        name=one.get("name", "an unknown system"),
        port=int(one.get("port") or 22),
        systemd="systemd" in one,
        root=one.get("root", "no"),
        marker="marker" in one,
        begun="begun" in one,
        taken=seen.get("taken", []),
        lacks=seen.get("lacks", []),
        fingerprint=fingerprint,
    )


def _fingerprint(known: Path) -> str:
    if not known.exists():
        return ""
    argv = ["ssh-keygen", "-l", "-f", str(known)]
    shown = subprocess.run(argv, capture_output=True, text=True).stdout.split()
    return shown[1] if len(shown) > 1 else ""


def fit(address: Address, seen: Look) -> None:
    """Make sure that a server can be made a lab server.

    Raises:
        LabError: when it can't; nothing on it was changed.
    """
    if seen.system != SYSTEM:
        raise LabError(
            f"{address} is no Debian 13: it is {seen.name}.",
            "The labs and their checks are made for Debian 13. Nothing there was "
            "changed.",
            "have the provider install Debian 13, then repeat the command",
        )
    if not seen.systemd:
        raise LabError(
            f"{address} does not run systemd.",
            "It is probably a container of the provider's; the labs need a whole "
            "server. Nothing there was changed.",
            "rent a virtual machine with Debian 13, then repeat the command",
        )
    if seen.root != "yes":
        found = (
            f"sudo asks {address.user} for a password there, and nobody is there to "
            "type it each time."
            if seen.root == "password"
            else f"{address.user} is not root there, and the server has no sudo."
        )
        raise LabError(
            f"{address.user} can't become root on {address}.",
            f"{found} Nothing there was changed.",
            "take the address of root (ssh://root@...), or let that user use sudo "
            f"without a password: echo '{address.user} ALL=(ALL) NOPASSWD: ALL' in a "
            "file of /etc/sudoers.d",
        )
    if seen.port != 22:
        raise LabError(
            f"sshd listens at port {seen.port} on {address}.",
            "The labs take port 22 for granted, and the firewall of lab 01 closes "
            "every other one: you would be locked out. Nothing there was changed.",
            "let its sshd listen at port 22, then repeat the command",
        )
    if seen.taken and not (seen.marker or seen.begun):
        raise LabError(
            f"{address} has something that bears a lab server's names already: "
            f"{', '.join(seen.taken)}.",
            "It is not labkit's, since the marker of a lab server is missing. "
            "Nothing there was changed.",
            "move it out of the way there, or take another server",
        )


def prepare(connection: ssh.Connection, checkout: Checkout) -> str:
    """Make the server a lab server that this checkout's keys open.

    Returns the server's public host key. Running it again is harmless.

    Raises:
        ScriptFailed: when a step failed there, with its words.
    """
    with tempfile.TemporaryDirectory(prefix="labkit-") as directory:
        here = Path(directory)
        for name in ("provision.sh", "packages.txt", "rented/prepare.sh"):
            shutil.copy2(image.SERVER / name, here)
        shutil.copytree(image.SERVER / "files", here / "files")
        leavings = shutil.ignore_patterns(*image.LEAVINGS)
        shutil.copytree(image.PROJECT, here / "project", ignore=leavings)
        (here / "keys").mkdir()
        for key in (checkout.key("labkit"), checkout.key("learner")):
            shutil.copy2(key.with_suffix(".pub"), here / "keys")
        scripts.run(connection, here, "prepare.sh")
    return connection.run("cat /etc/ssh/ssh_host_ed25519_key.pub").stdout.decode()


def explained(address: Address, words: str, *, labkit: bool = False) -> LabError:
    """Why ssh can't reach a rented server, of what it said; `labkit` tells whether
    it was labkit's own account or the owner's."""
    said = words.strip().splitlines()
    last = said[-1] if said else "nothing"
    if "Host key verification failed" in words:
        forget = (
            f"./lab down --forget, then ./lab start 01 --on {address}"
            if labkit
            else f"ssh-keygen -R '{address.known_as}', then repeat the command"
        )
        return HostKeyChanged(
            f"{address} shows another host key than before.",
            "Either the server was installed anew, or somebody else answers in its "
            "place. labkit does not log in there.",
            f"if you had it installed anew: {forget}. If not, ask the provider",
        )
    if "Permission denied" in last and labkit:
        return LabError(
            f"{address} does not let labkit's account in.",
            "sshd refuses the account labkit or its key. A setting AllowUsers or "
            "AllowGroups that leaves it out is the usual cause; or the server was "
            "installed anew.",
            "let the account labkit in (./lab shell, or the provider's console), then "
            "repeat. If the server was installed anew: ./lab down --forget",
        )
    if "Permission denied" in last:
        port = "" if address.port == 22 else f"-p {address.port} "
        return LabError(
            f"{address} does not take your key.",
            f"labkit logs in there with your own ssh and its keys. ssh says: {last}",
            f"ssh {port}{address.user}@{address.host} must log you in by a key; "
            "ssh-add FILE gives ssh a key that it does not find by itself",
        )
    if "resolve hostname" in last:
        return LabError(
            f"There is no host called {address.host}.",
            f"ssh says: {last}",
            "look at the provider's page for the address, and whether this computer "
            "has a network",
        )
    unanswered = ("timed out", "No route to host", "unreachable", "refused")
    if any(sign in last for sign in unanswered):
        return LabError(
            f"{address} does not answer.",
            f"ssh says: {last}. The server is off or boots, its address is another "
            "one, a firewall is in between, or its sshd does not run.",
            "look at the server on the provider's page, whose console needs no ssh; "
            "then repeat the command",
        )
    return LabError(
        f"The connection to {address} broke off.",
        f"ssh says: {last}. What was under way there may have been done in part; the "
        "scripts of labkit may be run again.",
        "repeat the command",
    )

"""Bringing a server up: keys in, booted, and reachable through ssh."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from labkit import files, probes, ssh
from labkit.errors import LabError
from labkit.machines import BARE, Server

# Given through the console, as root, with labkit's public key; prints the server's.
_SETTLE = """
set -eu
IFS= read -r key
printf '%s\\n' "$key" | install -m 0644 /dev/stdin /opt/lab/labkit/authorized_keys
{booted}
{new}
cat /etc/ssh/ssh_host_ed25519_key.pub
"""
# A provider hands a new server over with the owner's key, the second, in root's file.
_HAND_OVER = """
install -d -m 0700 /root/.ssh
install -m 0600 /dev/stdin /root/.ssh/authorized_keys
"""


def ssh_config(server: Server) -> Path:
    """The server's ssh configuration file: `.lab/ssh_config` for the learner's."""
    suffix = "" if server.name == "lab" else f".{server.name}"
    return server.checkout.home / f"ssh_config{suffix}"


def bring_up(server: Server, state: str | None = None) -> None:
    """Make the server run: from a saved state, or as it is when `state` is None.

    Raises:
        ServerAbsent: when `state` is None and there is no server.
        LabError: when it does not come up.
    """
    if state is None:
        server.kind.up(server)
    else:
        server.kind.restore(server, state)
    settle(server, new=state == BARE)


def save(server: Server, state: str) -> None:
    """Keep the server's disk as `state`; the server runs again afterwards."""
    server.kind.save(server, state)
    settle(server)


def reboot(server: Server) -> None:
    """Shut the server down cleanly and boot it again."""
    save(server, "rebooting")
    server.kind.forget(server, "rebooting")


def settle(server: Server, *, new: bool = False) -> None:
    """Wait until the server has booted, and know it by its host key from now on. A
    `new` one gets the learner's key."""
    script = _SETTLE.format(booted=probes.BOOTED, new=_HAND_OVER if new else "")
    keys = _public(server, "labkit") + _public(server, "learner")
    know(server, _at_console(server, script, keys))


def know(server: Server, host_key: str) -> None:
    """Write down how ssh reaches the server, which shows this public host key."""
    known = server.checkout.home / f"known_hosts.{server.name}"
    files.write(known, f"{server.unique_name} {' '.join(host_key.split()[:2])}\n")
    files.write(
        ssh_config(server),
        "# Written by labkit. NAME is labkit's own way in, NAME-front is yours.\n"
        + server.kind.ssh_config(server)
        + f"Host {server.name} {server.name}-front\n"
        f'  UserKnownHostsFile "{known}"\n'
        "  StrictHostKeyChecking yes\n"
        "  IdentitiesOnly yes\n"
        "  IdentityAgent none\n"
        "  ConnectTimeout 10\n"
        "  LogLevel ERROR\n",
    )


def _public(server: Server, owner: str) -> str:
    key = server.checkout.key("labkit" if owner == "labkit" else "learner")
    return key.with_suffix(".pub").read_text()


def _at_console(server: Server, script: str, stdin: str) -> str:
    """Run a shell script through the console, which may not be there yet."""
    deadline = time.monotonic() + probes.BOOT_SECONDS
    while True:
        argv = [*server.kind.console(server, tty=False), "sh", "-c", script]
        done = subprocess.run(argv, input=stdin, capture_output=True, text=True)
        if done.returncode == 0:
            return done.stdout
        if time.monotonic() > deadline:
            raise LabError(
                f"The server did not come up within {probes.BOOT_SECONDS} s.",
                f"Its console says: {(done.stderr or done.stdout).strip()[-300:]}",
                "./lab reset, or ./lab down and ./lab start 01",
            )
        time.sleep(0.2)


@contextmanager
def connected(server: Server) -> Iterator[ssh.Connection]:
    """A connection to a running server as labkit; waits for one that boots.

    Raises:
        ServerAbsent, ServerOff: when there is none to connect to.
        LabError: when it is on and does not let labkit in.
    """
    if not ssh_config(server).exists():
        settle(server)

    def explain(words: str) -> LabError:
        return server.kind.unreachable(server, words)

    with ssh.connect(ssh_config(server), server.name, explain=explain) as connection:
        yield connection


# Prints the people (user ids from 1000) whose authorized_keys hold the key on
# standard input.
_HOLDERS = r"""
read -r key
getent passwd | while IFS=: read -r name _ uid _ _ home _; do
    [ "$uid" -ge 1000 ] && [ "$uid" -lt 60000 ] || continue
    grep -qsF "$key" "$home/.ssh/authorized_keys" && echo "$name"
done
true
"""


def login(server: Server, user: str | None = None) -> list[str]:
    """The argv of ssh by the learner's own way in: as `user`, or as the person whose
    account holds this checkout's key, or as root where nobody's does.

    Raises:
        LabError: when labkit can't look who that is.
    """
    if user is None:
        with connected(server) as connection:
            key = _public(server, "learner").split()[1]
            names = connection.run(_HOLDERS, stdin=key.encode()).stdout.decode()
            user = (names.split() or ["root"])[0]
    config = str(ssh_config(server))
    return ["ssh", "-F", config, "-l", user, f"{server.name}-front"]

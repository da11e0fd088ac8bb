"""ssh to a server: one connection that many commands share."""

import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from labkit import probes
from labkit.errors import LabError


def unreachable(words: str) -> LabError:
    """The error for a server that labkit's own ssh can't reach."""
    said = words.strip().splitlines()
    return LabError(
        f"The server can't be looked at: {said[-1] if said else 'ssh ended'}",
        "labkit has a way in of its own, and it does not answer: the server is "
        "booting, or something took its account or Debian's sshd away.",
        "look from the console (./lab shell --console), or begin again: ./lab reset",
    )


Explain = Callable[[str], LabError]
"""Makes an error of what ssh said when it could not reach the server."""

# Clients before OpenSSH 9.9 prefer a key exchange that costs 0.1 s of computing, to
# withstand computers of the future. Nothing of a lab is secret then.
QUICK_EXCHANGE = "KexAlgorithms ^curve25519-sha256"
"""A line of an ssh configuration: the key exchange that takes least time goes first."""

# sshd answers an address that has failed too often with this, for 15 seconds and more
# (PerSourcePenalties, OpenSSH 9.8). A check that looks whether root is refused fails
# so on purpose.
_PENALTY = "Not allowed at this time"
_PENALTY_SECONDS = 60

# How labkit opens a connection: may it use sudo, and has the server booted?
_OPENING = f"sudo -n /bin/sh -c {shlex.quote(probes.BOOTED + 'true')}"


@dataclass(frozen=True)
class Connection:
    """An open way to a server, as labkit's account or its owner's.

    `config` is an ssh configuration file that knows `alias`. When `shared`, all
    uses of it travel over one connection (OpenSSH's ControlMaster); otherwise
    the client can't do that and each connects anew. `explain` tells why the server
    can't be reached; `become`, before a command, makes it root's.
    """

    config: Path
    alias: str
    shared: bool
    explain: Explain = unreachable
    become: str = "sudo "

    def argv(self, command: str) -> list[str]:
        """The ssh command line that runs a shell command on the server as root."""
        as_root = f"{self.become}/bin/sh -c {shlex.quote(command)}"
        return ["ssh", "-F", str(self.config), self.alias, as_root]

    def run(
        self, command: str, stdin: bytes = b"", timeout: float = 60
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a shell command on the server as root and return what came of it.

        Raises:
            LabError: when ssh itself failed or `timeout` seconds were not enough.
        """
        try:
            done = subprocess.run(
                self.argv(command), input=stdin, capture_output=True, timeout=timeout
            )
        except subprocess.TimeoutExpired:
            raise LabError(
                f"The server did not finish within {timeout:.0f} s: {command[:60]}",
                "It hangs, or it is far busier than it should be.",
                "look at it: ./lab shell --console",
            ) from None
        if done.returncode == 255:
            raise self.explain(done.stderr.decode(errors="replace"))
        return done


class _Opening(subprocess.Popen[bytes]):
    """An ssh that opens a connection by a command."""

    def __init__(self, config: Path, alias: str, command: str) -> None:
        self._parts = config, alias, command
        # The master that ControlPersist leaves behind inherits these descriptors: a
        # pipe would never end. A file does.
        self._words: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        super().__init__(
            ["ssh", "-F", str(config), alias, command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._words,
            # Ctrl-C would end the program that carries the shared connection, by
            # which a script is then to be stopped. Only an owner's key may ask
            # for a passphrase, which takes the terminal.
            start_new_session=command == _OPENING,
        )

    def ended(self) -> tuple[int, str]:
        """Wait for the end: the exit code, and what was said. A server that refuses
        for a while is asked again."""
        deadline = time.monotonic() + _PENALTY_SECONDS
        last = self
        while True:
            code, words = last._end()
            if _PENALTY not in words or time.monotonic() > deadline:
                return code, words
            time.sleep(5)
            last = _Opening(*self._parts)

    def _end(self) -> tuple[int, str]:
        try:
            code = self.wait()
            self._words.seek(0)
            return code, self._words.read().decode(errors="replace")
        finally:
            self.stop()

    def stop(self) -> None:
        """End it, if it has not ended."""
        self.kill()
        self.wait()
        self._words.close()


class _Shared:
    """A connection that many uses can share, from the moment it begins to open."""

    def __init__(self, config: Path, alias: str, command: str) -> None:
        # A socket's path may have about 100 characters: not one below the checkout.
        self._directory = tempfile.TemporaryDirectory(prefix="labkit-", dir="/tmp")
        self.socket = Path(self._directory.name, "s")
        self.config = Path(self._directory.name, "config")
        self.config.write_text(
            # Only labkit's own way in is shared: a login through the front door
            # must be a login.
            f"Host {alias}\n"
            f"  {QUICK_EXCHANGE}\n"
            f"  ControlPath {self.socket}\n"
            "  ControlMaster auto\n"
            "  ControlPersist 60\n" + config.read_text()
        )
        self._alias = alias
        self.opening = _Opening(self.config, alias, command)

    def leave(self) -> None:
        """Close it, also while it opens."""
        self.opening.stop()
        if self.socket.exists():
            argv = ["ssh", "-F", str(self.config), "-O", "exit", self._alias]
            subprocess.run(argv, capture_output=True)
        self._directory.cleanup()


_begun: dict[tuple[Path, str], _Shared] = {}


@contextmanager
def begun(config: Path, alias: str) -> Iterator[None]:
    """Begin to open the usual connection, with which `connect` in the block goes on.

    What a command imports takes as long as the half of that.
    """
    where = config, alias
    with suppress(OSError):  # no server yet, or a full disk: `connect` finds out itself
        _begun[where] = _Shared(config, alias, _OPENING)
    try:
        yield
    finally:
        if unused := _begun.pop(where, None):
            unused.leave()


@contextmanager
def connect(
    config: Path,
    alias: str,
    *,
    explain: Explain = unreachable,
    become: str = "sudo ",
    opening: str = _OPENING,
) -> Iterator[Connection]:
    """Open a connection by the command `opening`, close it at the end. The usual one
    waits until the server has booted.

    Raises:
        LabError: when there is no ssh, or the server does not let labkit in, or
            refuses it sudo.
    """
    if not shutil.which("ssh"):
        raise LabError(
            "ssh is not on this computer.",
            "The labs reach their server with OpenSSH's client.",
            "install the package openssh-client (or: ./lab demo --install)",
        )
    shared = _begun.pop((config, alias), None) or _Shared(config, alias, opening)
    try:
        connection = Connection(shared.config, alias, True, explain, become)
        code, words = shared.opening.ended()
        if code == 255 and not shared.socket.exists():
            code, words = _Opening(config, alias, opening).ended()
            if code != 255:
                connection = Connection(config, alias, False, explain, become)
        if code == 255:
            raise explain(words)
        if code != 0:
            raise LabError(
                f"labkit's account may not use sudo: {words.strip()}",
                "The checks look at the server as root, through sudo, and sudo takes "
                "no /etc/sudoers that others may write or that it can't read.",
                "mend it at the console: ./lab shell --console, then visudo -c",
            )
        yield connection
    finally:
        shared.leave()

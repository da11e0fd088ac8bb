"""ssh to a server: one connection that many commands share."""

import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from labkit import probes
from labkit.errors import LabError


@dataclass(frozen=True)
class Connection:
    """An open way to a server as labkit's account.

    `config` is an ssh configuration file that knows `alias`. When `shared`, all
    uses of it travel over one connection (OpenSSH's ControlMaster); otherwise
    the client can't do that and each connects anew.
    """

    config: Path
    alias: str
    shared: bool

    def argv(self, command: str) -> list[str]:
        """The ssh command line that runs a shell command on the server as root."""
        as_root = f"sudo /bin/sh -c {shlex.quote(command)}"
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
            raise unreachable(done.stderr.decode(errors="replace"))
        return done


def unreachable(words: str) -> LabError:
    """The error for a server that labkit's own ssh can't reach."""
    said = words.strip().splitlines()
    return LabError(
        f"The server can't be looked at: {said[-1] if said else 'ssh ended'}",
        "labkit has a way in of its own, and it does not answer: the server is "
        "booting, or something took its account or Debian's sshd away.",
        "look from the console (./lab shell --console), or begin again: ./lab reset",
    )


@contextmanager
def connect(config: Path, alias: str) -> Iterator[Connection]:
    """Open a connection, wait until the server has booted, close it at the end.

    Raises:
        LabError: when the server does not let labkit in, or refuses it sudo.
    """
    # A socket's path may have about 100 characters: not one below the checkout.
    with tempfile.TemporaryDirectory(prefix="labkit-", dir="/tmp") as directory:
        shared_config = Path(directory, "config")
        shared_config.write_text(
            # Only labkit's own way in is shared: a login through the front door
            # must be a login.
            f"Host {alias}\n"
            f"  ControlPath {directory}/s\n"
            "  ControlMaster auto\n"
            "  ControlPersist 60\n" + config.read_text()
        )
        connection = Connection(shared_config, alias, shared=True)
        opened = _try(connection)
        if opened.returncode == 255 and not Path(directory, "s").exists():
            plain = Connection(config, alias, shared=False)
            opened = _try(plain)
            connection = plain if opened.returncode != 255 else connection
        words = opened.stderr.decode(errors="replace")
        if opened.returncode == 255:
            raise unreachable(words)
        if opened.returncode != 0:
            raise LabError(
                f"labkit's account may not use sudo: {words.strip()}",
                "The checks look at the server as root, through sudo, and sudo takes "
                "no /etc/sudoers that others may write or that it can't read.",
                "mend it at the console: ./lab shell --console, then visudo -c",
            )
        try:
            yield connection
        finally:
            if connection.shared:
                leave = ["ssh", "-F", str(shared_config), "-O", "exit", alias]
                subprocess.run(leave, capture_output=True)


def _try(connection: Connection) -> subprocess.CompletedProcess[bytes]:
    # The master that ControlPersist leaves behind inherits these descriptors: a
    # pipe would never end. A file does.
    argv = connection.argv(probes.BOOTED)
    argv[-1] = f"sudo -n true || exit; {argv[-1]}; true"
    with tempfile.TemporaryFile() as err:
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=err
        )
        err.seek(0)
        return subprocess.CompletedProcess(argv, done.returncode, b"", err.read())


def client_is_there() -> bool:
    """Whether this computer has OpenSSH's client."""
    return all(shutil.which(name) for name in ("ssh", "ssh-keygen"))

"""A testinfra backend, lab://NAME: all commands of a run go through one root shell.

Plain ssh:// opens a session for each command and asks sudo each time. Here a loop
on the server takes them one after the other; a check can't tell the difference,
except that it always looks as root.
"""

import json
import shlex
import subprocess
import tempfile
from typing import IO, Any

from testinfra.backend.base import BaseBackend, CommandResult

from labkit.ssh import Connection

# A line in, a line out, both JSON. Output is bytes: Latin-1 gives each a letter.
_LOOP = """
import json, subprocess, sys
for line in sys.stdin:
    argv = ["/bin/sh", "-c", json.loads(line)]
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True)
    code = done.returncode if done.returncode >= 0 else 128 - done.returncode
    texts = [done.stdout.decode("latin-1"), done.stderr.decode("latin-1")]
    print(json.dumps([code, *texts]), flush=True)
"""


class _Shell(subprocess.Popen[str]):
    """The loop on the server; `words` holds what ssh and the loop complain of."""

    def __init__(self, ssh_config: str, hostname: str) -> None:
        self.words: IO[str] = tempfile.TemporaryFile("w+")  # noqa: SIM115
        loop = shlex.join(["sudo", "python3", "-c", _LOOP])
        super().__init__(
            ["ssh", "-F", ssh_config, hostname, loop],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.words,
            text=True,
            # Ctrl-C is for this process alone: fixtures clean up over the shell.
            start_new_session=True,
        )

    def leave(self) -> None:
        """End it."""
        self.kill()
        self.communicate()
        self.words.close()


_open: dict[tuple[str, str], _Shell] = {}


def open_ahead(connection: Connection) -> None:
    """Open the shell for the checks to come, which pytest needs a while to find."""
    for where in [one for one, shell in _open.items() if shell.poll() is not None]:
        _open.pop(where).leave()  # its connection has ended
    where = str(connection.config), connection.alias
    if where not in _open:
        _open[where] = _Shell(*where)


class ShellBackend(BaseBackend):
    """A root shell on the server, which goes on from one run to the next over the same
    connection; opened again after it has gone."""

    NAME = "lab"

    def __init__(self, hostname: str, ssh_config: str, **options: Any) -> None:
        super().__init__(hostname, **options)
        self._where = ssh_config, hostname

    def run(self, command: str, *args: str, **kwargs: Any) -> CommandResult:
        """Run a shell command as root; arguments fill %s, quoted.

        Raises:
            RuntimeError: when the connection is not there or goes meanwhile.
        """
        command = self.quote(command, *args)
        try:
            code, out, err = json.loads(self._exchange(command))
        except BaseException:
            # Half an exchange, after Ctrl-C say, would answer the next command.
            self._leave()
            raise
        return self.result(
            code, command.encode(), out.encode("latin-1"), err.encode("latin-1")
        )

    def _exchange(self, command: str) -> str:
        if self._where not in _open:
            _open[self._where] = _Shell(*self._where)
        shell = _open[self._where]
        assert shell.stdin
        assert shell.stdout
        try:
            shell.stdin.write(json.dumps(command) + "\n")
            shell.stdin.flush()
            answer = shell.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer.endswith("\n"):
            shell.words.seek(0)
            said = shell.words.read().strip() or "the connection ended"
            raise RuntimeError(f"no answer from the server: {said}")
        return answer

    def _leave(self) -> None:
        if shell := _open.pop(self._where, None):
            shell.leave()

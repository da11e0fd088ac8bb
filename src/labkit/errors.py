"""Errors that tell the reader what happened, why, and the next command.

LabError                 anything the command line explains; exit code 2
├── Busy                 another `lab` is at work in this checkout
├── ServerAbsent         there is no server
├── ServerOff            there is one and it is stopped
├── HostKeyChanged       a rented server shows another host key than before
└── ScriptFailed         a script failed on the server
"""


class LabError(Exception):
    """An error with its explanation.

    `what` happened and `why` are sentences; `next` is the next command, or a
    sentence that holds it.
    """

    def __init__(self, what: str, why: str, next: str) -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.next = next

    def __str__(self) -> str:
        return f"{self.what}\n{self.why}\nNext: {self.next}"


class Busy(LabError):
    """Another `lab` is at work in this checkout."""


class ServerAbsent(LabError):
    """There is no server of that name."""


class ServerOff(LabError):
    """The server exists and is stopped."""


class HostKeyChanged(LabError):
    """The server is another one than before, or somebody stands in between."""


class ScriptFailed(LabError):
    """A start, solve or fault script ended with an error on the server."""

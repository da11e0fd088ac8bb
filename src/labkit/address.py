"""Where a rented server is: ssh://user@host[:port]."""

import re
from dataclasses import dataclass

from labkit.errors import LabError

_FORM = re.compile(
    r"ssh://(?P<user>[a-z_][\w.-]*)@"
    r"(?P<host>[\w][\w.-]*|\[[0-9a-fA-F:.]+(%[\w.-]+)?\])(:(?P<port>\d{1,5}))?/?",
    re.ASCII,
)


@dataclass(frozen=True)
class Address:
    """The way in that a provider gave the server's owner: root, or a user with sudo."""

    user: str
    host: str
    port: int = 22

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == 22 else f":{self.port}"
        return f"ssh://{self.user}@{host}{port}"

    @property
    def known_as(self) -> str:
        """What ssh's known_hosts calls the server."""
        return self.host if self.port == 22 else f"[{self.host}]:{self.port}"


def parse(text: str) -> Address:
    """Read an address.

    Raises:
        LabError: when it is none.
    """
    match = _FORM.fullmatch(text)
    if not match or not 0 < int(match["port"] or 22) < 65536:
        raise LabError(
            f"'{text}' is no address of a rented server.",
            "It takes a user and a host, as in the provider's mail, and a port where "
            "that is not 22.",
            "./lab start 01 --on ssh://root@203.0.113.5",
        )
    return Address(match["user"], match["host"].strip("[]"), int(match["port"] or 22))

"""The mailbox at Letterbox, the labs' mail provider (server/files/letterbox).

A lab's start.sh makes the server a customer of it: `/opt/lab/letterbox/join`.
"""

import base64
import email
import email.policy
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from functools import cached_property
from typing import Literal

import pytest
from testinfra.host import Host

IPV4 = "192.0.2.25"
NAME = "letterbox.test"
"""Where the mailbox is in a browser; SMTP is at the same address, as smtp.NAME."""

PAGE = f"http://{NAME}/"

_HERE = "/opt/lab/letterbox"


@dataclass(frozen=True)
class Mail:
    """A mail as it came; `time` is when, by the server's clock."""

    time: float
    raw: bytes

    @cached_property
    def message(self) -> EmailMessage:
        """The mail, taken apart."""
        return email.message_from_bytes(self.raw, policy=email.policy.default)

    @property
    def subject(self) -> str:
        """Its subject, in one line."""
        return str(self.message["Subject"] or "")

    @property
    def sender(self) -> str:
        """The sender that people see."""
        return str(self.message["From"] or "")

    @property
    def recipients(self) -> list[str]:
        """Whom it was delivered to."""
        return [str(one) for one in self.message.get_all("Delivered-To", [])]

    @property
    def text(self) -> str:
        """The part that is plain text, "" without one."""
        part = self.message.get_body(("plain",))
        return str(part.get_content()) if part else ""

    @property
    def everything(self) -> str:
        """All that somebody who has the mail can read: heads and parts, decoded."""
        parts = [self.raw.decode(errors="replace"), self.subject]
        for part in self.message.walk():
            if not part.is_multipart():
                content = part.get_payload(decode=True)
                assert isinstance(content, bytes)
                parts.append(content.decode(errors="replace"))
        return "\n".join(parts)


class Mailbox:
    """What the provider has taken from this server, and what it has refused."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def now(self) -> float:
        """The time by the server's clock, which the mails have as well."""
        return float(self._host.check_output("date +%s.%N"))

    def _look(self, since: float) -> dict[str, list[tuple[float, str]]]:
        said = self._host.check_output(f"{_HERE}/letterbox.py --json {since:.6f}")
        found: dict[str, list[tuple[float, str]]] = json.loads(said)
        return found

    def mails(self, since: float = 0) -> list[Mail]:
        """The mails that came since then, in their order."""
        taken = self._look(since)["mails"]
        return [Mail(when, base64.b64decode(raw)) for when, raw in taken]

    def refusals(self, since: float = 0) -> list[str]:
        """The replies with which it has refused something since then."""
        return [reply for _, reply in self._look(since)["refusals"]]

    def arrived(
        self, since: float, least: int = 1, patience: float = 10, quiet: float = 2
    ) -> list[Mail]:
        """The mails that came since then: waits until `least` are there, but no longer
        than `patience`, and then `quiet` seconds for more than should come."""
        deadline = time.monotonic() + patience
        while len(self.mails(since)) < least and time.monotonic() < deadline:
            if self.refusals(since):
                break
            time.sleep(0.3)
        time.sleep(quiet)
        return self.mails(since)

    @contextmanager
    def outage(self, mode: Literal["off", "silent"]) -> Iterator[None]:
        """Have the provider's SMTP refuse connections, or take them and say nothing."""
        try:
            self._host.check_output(f"{_HERE}/mode {mode}")
            yield
        finally:
            self._host.check_output(f"{_HERE}/mode on")


@pytest.fixture
def mailbox(host: Host, as_root: None) -> Mailbox:
    """The mailbox at the provider."""
    return Mailbox(host)

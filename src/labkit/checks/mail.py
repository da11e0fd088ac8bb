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

from labkit.checks import expect, files, service_user

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

    def turn(self, mode: Literal["on", "off", "silent"]) -> None:
        """Have the provider's SMTP be there, refuse connections, or take them and say
        nothing, until this is called again."""
        self._host.check_output(f"{_HERE}/mode {mode}")

    @contextmanager
    def outage(self, mode: Literal["off", "silent"]) -> Iterator[None]:
        """Have the provider be away for the time of the block."""
        try:
            self.turn(mode)
            yield
        finally:
            self.turn("on")

    def wait_for_calm(self, word: str, seconds: float) -> None:
        """Wait until the last mail with that word in it is so old."""
        since = self.now() - seconds
        while mails := [one for one in self.mails(since) if word in one.everything]:
            time.sleep(max(mails[-1].time + seconds - self.now(), 0) + 0.5)
            since = self.now() - seconds


@pytest.fixture
def mailbox(host: Host, as_root: None) -> Mailbox:
    """The mailbox at the provider."""
    return Mailbox(host)


def password_is_private(host: Host) -> None:
    """No account but root, the board's and the queue's can read the password."""
    # reads text: the password is looked for; the file is the lab's own
    password = host.check_output(f"cut -d ' ' -f 2 {_HERE}/account")
    readers = host.run(service_user.SEARCH, password).stdout.split()
    found = f"an account that has no part in it reads {', '.join(readers)}, where the "
    found = f"{found}password is." if readers else ""
    shown = host.run(f"{service_user.STRANGER} systemctl show board -p Environment")
    if not found and password in shown.stdout:
        found = "`systemctl show board` tells every account the password."
    for worker in files.workers(host):
        search = service_user.SEARCH.replace(service_user.STRANGER, worker.prefix)
        if not found and (seen := host.run(search, password).stdout.split()):
            found = f"the user of {worker.program} reads {seen[0]}, where it is."
    expect(
        not found,
        wanted="the password for the provider can be read by root and by the user "
        "that sends, and by no other account.",
        found=found,
        why="whoever has it sends mail in the name of board.test, to anybody.",
        look="namei --long with the file's path. Are your settings open to everybody? "
        "Then the password belongs into a file beside them, as the key does.",
    )

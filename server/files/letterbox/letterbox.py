#!/usr/bin/python3
"""letterbox: read the mails that Letterbox, the labs' mail provider, has taken.

  letterbox           lists them, and below what it has refused of late
  letterbox NUMBER    shows one, as text; --raw as it came, --html its HTML
  letterbox --json T  both since a time T, in seconds since 1970, for programs

Run it as root. In a browser of `./lab open`, http://letterbox.test/ shows the same.
"""

import base64
import email
import email.message
import email.policy
import json
import mailbox
import os
import sys
import time
from pathlib import Path
from typing import NamedTuple

STATE = Path(os.environ.get("STATE_DIRECTORY", "/var/lib/labkit-letterbox"))


class Mail(NamedTuple):
    """A mail that was taken; `time` is when, in seconds since 1970."""

    time: float
    raw: bytes

    @property
    def message(self) -> email.message.EmailMessage:
        """The mail, taken apart."""
        return email.message_from_bytes(self.raw, policy=email.policy.default)

    def part(self, kind: str) -> str:
        """The text of the part that is "plain" or "html", "" without it."""
        found = self.message.get_body((kind,))
        return found.get_content() if found else ""


class Refusal(NamedTuple):
    """A reply of 400 and up that a client was given."""

    time: float
    reply: str


def deliver(raw: bytes) -> str:
    """Keep a mail; the name it is kept under."""
    return mailbox.Maildir(STATE / "Maildir").add(raw)


def mails() -> list[Mail]:
    """All mails, in the order in which they came."""
    found = [
        Mail(path.stat().st_mtime_ns / 1e9, path.read_bytes())
        for path in STATE.glob("Maildir/new/*")
    ]
    return sorted(found)


def refuse(reply: str) -> None:
    """Make a note of a refusal."""
    with (STATE / "refused").open("a") as file:
        print(json.dumps([time.time(), reply]), file=file)


def refusals() -> list[Refusal]:
    """All refusals, in the order in which they were given."""
    file = STATE / "refused"
    lines = file.read_text().splitlines() if file.exists() else []
    return [Refusal(*json.loads(line)) for line in lines]


def clock(moment: float) -> str:
    """A time, as people read it."""
    return time.strftime("%d %b %H:%M:%S", time.localtime(moment))


def _list() -> None:
    for number, mail in enumerate(mails(), 1):
        seen = mail.message
        print(f"{number:4}  {clock(mail.time)}  to {seen['To']}: {seen['Subject']}")
    if refused := refusals()[-10:]:
        print("Refused:")
    for one in refused:
        print(f"      {clock(one.time)}  {one.reply}")


def _show(number: str, how: str) -> None:
    try:
        mail = mails()[int(number) - 1]
    except (IndexError, ValueError):
        sys.exit(f"There is no mail {number}.\nNext: letterbox, which lists them")
    if how == "--raw":
        sys.stdout.buffer.write(mail.raw)
        return
    for name in ("From", "To", "Date", "Subject"):
        print(f"{name}: {mail.message[name]}")
    print()
    print(mail.part("html" if how == "--html" else "plain"))


def _as_json(since: float) -> None:
    taken = [
        (mail.time, base64.b64encode(mail.raw).decode())
        for mail in mails()
        if mail.time >= since
    ]
    refused = [one for one in refusals() if one.time >= since]
    print(json.dumps({"mails": taken, "refusals": refused}))


def main(argv: list[str]) -> None:
    """The command."""
    if not os.access(STATE, os.X_OK):
        sys.exit(
            "This mailbox is not yours to read, or nobody has one here yet.\n"
            "Next: sudo letterbox"
        )
    match argv:
        case []:
            _list()
        case ["--json", since]:
            _as_json(float(since))
        case [number] | [number, "--raw" | "--html"]:
            _show(number, argv[-1])
        case _:
            sys.exit((__doc__ or "").strip())


if __name__ == "__main__":
    main(sys.argv[1:])

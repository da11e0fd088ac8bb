"""The mail provider: whom it refuses, what it takes, and how a mailbox is read."""

import json
import time
from typing import Any

import pytest
import testinfra

from labkit import servers
from labkit.checks.mail import Mailbox
from place import Place

# Sends a mail from the server, as told by its arguments; prints "taken" or the reply.
SEND = """
import json, smtplib, ssl, sys
asked = json.loads(sys.argv[1])
sender, to, port = asked["sender"], asked["to"], asked["port"]
words = open("/opt/lab/letterbox/account").read().split()
trust = ssl.create_default_context()
try:
    if port == 465:
        client = smtplib.SMTP_SSL("smtp.letterbox.test", port, context=trust, timeout=5)
    else:
        client = smtplib.SMTP("smtp.letterbox.test", port, timeout=5)
    if asked["tls"]:
        client.starttls(context=trust)
    if asked["login"]:
        client.login(words[0], asked["password"] or words[1])
    text = f"From: {asked['author'] or sender}\\r\\nTo: {to}\\r\\n"
    text += "Subject: =?utf-8?q?caf=C3=A9?=\\r\\n\\r\\nGood morning.\\r\\n"
    client.sendmail(sender, to, text)
    print("taken")
except (OSError, smtplib.SMTPException) as error:
    print(type(error).__name__, error)
"""


@pytest.fixture(scope="module")
def customer(place: Place) -> Place:
    """A place whose server is a customer of the provider."""
    place.lab("start", "01", "--yes")
    before = place.at_console("systemctl is-active labkit-letterbox || true")
    assert before == "inactive\n", "a lab that has no mail pays for none"
    place.at_console("/opt/lab/letterbox/join")
    return place


@pytest.fixture
def mailbox(customer: Place) -> Mailbox:
    return Mailbox(testinfra.get_host(f"docker://{customer.server.unique_name}"))


def send(
    place: Place,
    sender: str = "board@board.test",
    to: str = "ops@board.test",
    *,
    author: str = "",
    port: int = 587,
    tls: bool = True,
    login: bool = True,
    password: str = "",
) -> str:
    """Send a mail; how it was answered."""
    asked = json.dumps(locals() | {"place": ""})
    return place.at_console(f"python3 -c '{SEND.replace(chr(39), chr(34))}' '{asked}'")


@pytest.mark.parametrize(
    ("changed", "reply"),
    [
        ({"tls": False, "login": False}, "530"),
        ({"tls": False}, "AUTH extension not supported"),
        ({"login": False}, "530"),
        ({"password": "guessed"}, "535"),
        ({"sender": "root@localhost"}, "553"),
        ({"sender": "somebody@example.com"}, "553"),
        ({"author": "root@localhost"}, "550"),
        ({"to": "root"}, "504"),
    ],
)
def test_who_is_refused(
    customer: Place, mailbox: Mailbox, changed: dict[str, Any], reply: str
) -> None:
    since = mailbox.now()
    assert reply in send(customer, **changed)
    assert mailbox.mails(since) == []
    noted = [one[:3] for one in mailbox.refusals(since)]
    assert reply[:3] in noted or reply.startswith("AUTH")


@pytest.mark.parametrize("port", [587, 465])
def test_a_right_mail_arrives(customer: Place, mailbox: Mailbox, port: int) -> None:
    since = mailbox.now()
    assert send(customer, port=port, tls=port == 587) == "taken\n"
    (mail,) = mailbox.arrived(since, quiet=0)
    assert (mail.subject, mail.sender) == ("café", "board@board.test")
    assert mail.text.strip() == "Good morning."
    assert mail.recipients == ["ops@board.test"]
    assert "Good morning." in mail.everything
    assert mailbox.refusals(since) == []


def test_how_it_is_read(customer: Place) -> None:
    send(customer, sender="root@localhost")
    send(customer)
    listed = customer.at_console("letterbox")
    assert "to ops@board.test: café" in listed
    assert "553 5.7.1 <root@localhost>" in listed
    number = customer.at_console("letterbox | grep -c 'to ops'").strip()
    assert "Good morning." in customer.at_console(f"letterbox {number}")
    visit = "ip netns exec visitor curl -s http://letterbox.test/"
    assert "café" in customer.at_console(visit)
    assert "Good morning." in customer.at_console(f"{visit}{number}")
    assert "no such mail" in customer.at_console(f"{visit}999")
    said = customer.at_console("runuser -u nobody letterbox 2>&1 || true")
    assert "Next: sudo letterbox" in said, "others have not the mailbox's password"


def test_an_outage(customer: Place, mailbox: Mailbox) -> None:
    with mailbox.outage("off"):
        assert "ConnectionRefused" in send(customer)
        assert "Letterbox" in customer.at_console("curl -s http://letterbox.test/")
    with mailbox.outage("silent"):
        began = time.monotonic()
        assert "timed out" in send(customer)
        assert time.monotonic() - began > 4
    assert send(customer) == "taken\n"


def test_it_is_back_after_a_reboot(customer: Place, mailbox: Mailbox) -> None:
    before = len(mailbox.mails())
    servers.save(customer.server, "customer")
    servers.bring_up(customer.server, "customer")
    assert send(customer) == "taken\n"
    customer.at_console("systemctl restart labkit-visitor labkit-letterbox")
    assert send(customer) == "taken\n"
    assert len(mailbox.mails()) == before + 2
    customer.at_console("/opt/lab/letterbox/join")
    assert send(customer) == "taken\n", "joined twice"
    customer.server.kind.forget(customer.server, "customer")

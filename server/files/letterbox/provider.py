"""Letterbox, the labs' mail provider: SMTP as providers have it, and a page to read.

It keeps all that it takes, and sends nothing on. Its unit runs it outside of the
server, where the visitor is. `join` has made the account, certificate and key.

MODE is "on"; "off": nobody listens for mail; or "silent": somebody does, and never
says a word. The page is there in each.
"""

import asyncio
import email
import email.policy
import html
import os
import socket
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import letterbox
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword
from aiosmtpd.smtp import Session as State

ADDRESS = "192.0.2.25"
NAME = "smtp.letterbox.test"
DOMAIN = "board.test"  # the customer's: who has the password may send in its name

HERE = Path(__file__).parent
LOGIN, PASSWORD = (HERE / "account").read_text().split()


def ours(address: str) -> bool:
    """Whether an address is one of the customer's."""
    return address.lower().endswith(f"@{DOMAIN}")


def authenticate(
    server: SMTP, state: State, envelope: Envelope, mechanism: str, data: LoginPassword
) -> AuthResult:
    """Let in who knows name and password."""
    good = data == LoginPassword(LOGIN.encode(), PASSWORD.encode())
    # "handled" would mean that the client has been given a reply already.
    return AuthResult(success=good, handled=False, auth_data=data if good else None)


class Desk:
    """What is taken, and what is not: aiosmtpd asks at each step of a delivery."""

    async def handle_MAIL(
        self, server: SMTP, state: State, envelope: Envelope, address: str, more: Any
    ) -> str:
        """The sender of the envelope has to be the customer."""
        if not ours(address):
            who = f"not owned by user {LOGIN}"
            return f"553 5.7.1 <{address}>: Sender address rejected: {who}"
        envelope.mail_from = address
        return "250 2.1.0 Ok"

    async def handle_RCPT(
        self, server: SMTP, state: State, envelope: Envelope, address: str, more: Any
    ) -> str:
        """A recipient can be anybody whose address is whole."""
        if "." not in address.rpartition("@")[2]:
            what = "need fully-qualified address"
            return f"504 5.5.2 <{address}>: Recipient address rejected: {what}"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: SMTP, state: State, envelope: Envelope) -> str:
        """The sender that people will read has to be the customer as well."""
        raw = envelope.original_content or b""
        author = email.message_from_bytes(raw, policy=email.policy.default)["From"]
        addresses = [one.addr_spec for one in author.addresses] if author else []
        if not addresses or not all(map(ours, addresses)):
            said = ", ".join(addresses) or "none"
            return f"550 5.7.1 From: {said}: not owned by user {LOGIN}"
        head = f"Return-Path: <{envelope.mail_from}>\r\n"
        head += "".join(f"Delivered-To: {one}\r\n" for one in envelope.rcpt_tos)
        key = letterbox.deliver(head.encode() + raw)
        return f"250 2.0.0 Ok: queued as {key.partition('.')[2].partition('.')[0]}"

    async def handle_exception(self, error: Exception) -> str:
        """Say what went wrong; a client that does not trust us hangs up half-way."""
        reason = error.__cause__ or error
        return f"451 4.3.0 Error: {type(reason).__name__}"


class Session(SMTP):
    """One connection; what it is refused is noted down for the customer."""

    async def push(self, status: str | bytes) -> None:
        """Send a reply."""
        text = status if isinstance(status, str) else status.decode()
        if text.startswith(("4", "5")):
            letterbox.refuse(text)
        await super().push(status)


def session(tls: ssl.SSLContext | None) -> Session:
    """A connection that is plain until STARTTLS; without `tls`, in TLS already."""
    return Session(
        Desk(),
        hostname=NAME,
        ident="ESMTP Letterbox",
        tls_context=tls,
        require_starttls=tls is not None,
        auth_require_tls=tls is not None,
        auth_required=True,
        authenticator=authenticate,
        loop=asyncio.get_running_loop(),
    )


PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Letterbox</title>
<style>body {{ font: 1em/1.5 sans-serif; max-width: 60em; margin: 2em auto }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere }}
td {{ padding-right: 1.5em; vertical-align: top }}
iframe {{ width: 100%; height: 60vh }}</style>
<h1><a href="/">Letterbox</a></h1>
{}
"""


def overview() -> str:
    """The list of mails, newest first, and of what was refused of late."""
    rows = [
        f"<tr><td>{letterbox.clock(mail.time)}<td>{html.escape(str(mail.message['To']))}"
        f'<td><a href="/{number}">{html.escape(str(mail.message["Subject"]))}</a>'
        for number, mail in enumerate(letterbox.mails(), 1)
    ]
    refused = [
        f"<li>{letterbox.clock(one.time)}: {html.escape(one.reply)}"
        for one in letterbox.refusals()[-10:]
    ]
    parts = [f"<p>{len(rows)} mails.", "<table>", *reversed(rows), "</table>"]
    return "\n".join([*parts, "<h2>Refused</h2><ul>", *reversed(refused), "</ul>"])


def page(number: str, rest: str) -> str:
    """One mail, "" where there is none; `rest` is "html" for its HTML alone."""
    mails = letterbox.mails()
    if not number.isdigit() or not 0 < int(number) <= len(mails):
        return ""
    mail = mails[int(number) - 1]
    if rest == "html":
        return mail.part("html")
    heads = "".join(
        f"<dt>{name}<dd>{html.escape(str(mail.message[name]))}"
        for name in ("From", "To", "Date", "Subject")
    )
    text = f"<dl>{heads}</dl><pre>{html.escape(mail.part('plain'))}</pre>"
    if mail.part("html"):
        text += f'<h2>In HTML</h2><iframe sandbox src="/{number}/html"></iframe>'
    return PAGE.format(text)


class Pages(BaseHTTPRequestHandler):
    """The mailbox in a browser. A real one would ask for a password."""

    def do_GET(self) -> None:
        """Answer."""
        number, _, rest = self.path.strip("/").partition("/")
        text = page(number, rest) if number else PAGE.format(overview())
        body = (text or PAGE.format("<p>There is no such mail.")).encode()
        self.send_response(200 if text else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        # A mail may hold what its sender likes: none of it runs.
        self.send_header("Content-Security-Policy", "script-src 'none'")
        self.end_headers()
        self.wfile.write(body)


async def say_nothing(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
    """Hold a connection."""
    await asyncio.Event().wait()


def ready() -> None:
    """Tell systemd that mail and visitors may come (man sd_notify)."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])


async def main() -> None:
    """Serve until the unit is stopped."""
    pages = ThreadingHTTPServer((ADDRESS, 80), Pages)
    threading.Thread(target=pages.serve_forever, daemon=True).start()
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(HERE / "cert.pem", HERE / "key.pem")
    loop = asyncio.get_running_loop()
    mode = os.environ.get("MODE", "on")
    if mode == "silent":
        for port in (587, 465):
            await asyncio.start_server(say_nothing, ADDRESS, port)
    elif mode == "on":
        await loop.create_server(lambda: session(tls), ADDRESS, 587)
        await loop.create_server(lambda: session(None), ADDRESS, 465, ssl=tls)
    ready()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())

"""open: the site on the server, in a browser of this computer, through ssh."""

import signal
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass
from types import FrameType

from testinfra.host import Host

from labkit import browsers, probes, proxy, servers, ssh
from labkit.checks import mail
from labkit.checks.fixtures import Visitor
from labkit.checks.service import Service, State
from labkit.checks.shell import ShellBackend
from labkit.commands.session import Session, on_interrupt
from labkit.console import note, say
from labkit.errors import LabError

# How long a service that was started a moment ago may take until it listens.
_PATIENCE = 5


@dataclass(frozen=True)
class Address:
    """Where the site is: scheme, name and port, as seen from a place of the server."""

    base: str
    place: str

    def __str__(self) -> str:
        if self.place == proxy.VISITOR:
            return "as its visitors see it, from outside"
        return "from the server itself: no web port is open to visitors"


def browse(session: Session, page: str, *, own: bool) -> None:
    """Show the site in a browser until that is closed or Ctrl-C.

    Starts one with a profile for this once; when the reader's `own` is to be used,
    says what to set in it. The way to the server comes back after a reboot.

    Raises:
        LabError: when there is no site, no browser, or no server any more.
    """
    is_mail = page.startswith(mail.PAGE)
    if "://" in page and not is_mail:
        raise LabError(
            f"'{page}' is not a path.",
            "The site's address is found on your server; you choose the page. Only "
            f"the mailbox, {mail.PAGE}, has an address of its own.",
            "./lab open /search/",
        )
    session.lab_under_way()
    browser = None if own else browsers.find()
    # A closed terminal and a polite kill clean up as well.
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, _leave)
    with on_interrupt("The site is closed; nothing of it is left here.", "./lab open"):
        with servers.connected(session.server) as connection:
            address = find(connection)
        url = page if is_mail else f"{address.base}/{page.removeprefix('/')}"
        port = proxy.free_port()
        links = proxy.links(session.server, address.place, port)
        with closing(links), ExitStack() as stack:
            first = next(links)
            if isinstance(first, LabError):
                raise first
            window = None
            if browser is None:
                _explain(url, address, port)
            else:
                home = session.checkout.home
                running = browsers.running(browser, url, port, home)
                window = stack.enter_context(running)
                say(f"Opened {url} in {browsers.name(browser)}, {address}.")
                say("To end: close the browser, or Ctrl-C here.")
            _hold(first, links, window)


def _leave(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


def find(connection: ssh.Connection) -> Address:
    """Where the site is, and from which place of the server a browser gets there.

    Raises:
        LabError: when there is none, or none that a browser could reach.
    """
    server = Host(ShellBackend(connection.alias, ssh_config=str(connection.config)))
    service = Service(server)
    try:
        if scheme := Visitor(server).scheme:
            return Address(f"{scheme}://board.test", proxy.VISITOR)
        seen = service.settled(_PATIENCE)
        if not seen.listening:
            there = server.run("systemctl cat board.service").rc == 0
            raise _silent(seen) if there else _no_site()
        address = service.address()
        if address.startswith(("/", "@")):
            raise _out_of_reach(f"at the Unix socket {address}")
        base = f"http://{address}"
        status = server.run("curl -s -o /dev/null -m 5 -w '%%{http_code}' %s/", base)
    except RuntimeError as error:  # testinfra's, when the connection breaks off
        raise connection.explain(str(error)) from error
    if status.stdout == "400":
        # Django's answer where ALLOWED_HOSTS has the site's name alone.
        base = f"http://board.test:{address.rpartition(':')[2]}"
    return Address(base, proxy.SERVER)


def _no_site() -> LabError:
    return LabError(
        "There is no site on this server.",
        "It has no service called board, and no web port is open to visitors.",
        "./lab, which says in which lab you are; lab 05 begins with a site",
    )


def _silent(seen: State) -> LabError:
    if seen.processes:
        return _out_of_reach("at no TCP port")
    words = " / ".join(seen.last_words) or "none"
    return LabError(
        f"board.service has no process; it is {seen.state}.",
        f"Its last words: {words}",
        "./lab check; on the server: journalctl --unit board --boot",
    )


def _out_of_reach(where: str) -> LabError:
    return LabError(
        "The site is where no browser can reach it.",
        f"board.service listens {where}, and neither port 80 nor port 443 answers "
        "visitors.",
        "./lab check; on the server: systemctl status board, and ss -ltnp",
    )


def _explain(url: str, address: Address, port: int) -> None:
    say(f"The site is at {url}, {address}.")
    say(
        f"The way there is a SOCKS proxy, version 5, at 127.0.0.1 port {port}, which "
        "resolves the names as well."
    )
    say()
    say(
        f"Firefox: in Settings, Network Settings, the SOCKS v5 host 127.0.0.1, port "
        f"{port}, and 'Proxy DNS'; in about:config, "
        "network.proxy.allow_hijacking_localhost is true."
    )
    say(f"curl: curl --proxy socks5h://127.0.0.1:{port} {url}")
    say()
    say("To end: Ctrl-C. Then take the setting out of your browser again.")


def _hold(
    link: subprocess.Popen[bytes],
    links: proxy.Links,
    window: subprocess.Popen[bytes] | None,
) -> None:
    """Stay until the browser is closed. A check may reboot the server meanwhile."""

    def closed() -> bool:
        return window is not None and window.poll() is not None

    while True:
        while link.poll() is None and not closed():
            time.sleep(0.2)
        if closed():
            return
        note("The server went away; waiting for it ...")
        deadline = time.monotonic() + probes.BOOT_SECONDS
        while isinstance(again := next(links), LabError):
            if closed():
                return
            if time.monotonic() > deadline:
                raise again
            time.sleep(1)
        link = again
        note("It is back. Load the page again.")

"""Lab 08: is the board back, and will it be there tomorrow?"""

from collections.abc import Callable

import pytest
from testinfra.host import Host

from labkit.checks import (
    board,
    disturbs,
    expect,
    needs,
    service_user,
    still_after,
)
from labkit.checks.board import Member
from labkit.checks.fixtures import Visitor
from labkit.checks.service import Service
from labkit.checks.site import Site

# Prints the users of nginx's workers, who hold the visitors' requests in their hands.
FRONT = "ps --no-headers -o user:32,args -C nginx | grep 'worker process' | sort"


def missing(visitor: Visitor, site: Site) -> str:
    """What keeps a visitor from the board; "" when nothing does."""
    if not visitor.scheme:
        return "no web port of this server is open to a visitor."
    home, health = site.get("/"), site.get("/health/")
    if home.status != 200:
        return f"/ was answered with {home}."
    if health.status != 200 or health.text.strip() != "ok":
        begins = " ".join(home.text.split())[:60]
        return f"/health/ was answered with {health}, and / with: {begins}"
    return ""


def expect_the_board(visitor: Visitor, site: Site) -> None:
    """A visitor gets the board."""
    found = missing(visitor, site)
    expect(
        not found,
        wanted="a visitor who asks for http://board.test/ gets the board, and its "
        "/health/ says ok.",
        found=found,
        why="the board is what this server is for. A 502 is nginx's own page: it says "
        "that nginx works, and what is behind it does not answer.",
        look="both sides, right after a visit: the end of /var/log/nginx/error.log, "
        "and journalctl --unit board.socket --unit board.service --boot.",
    )


def test_visitors_get_the_board(visitor: Visitor, site: Site) -> None:
    """A visitor gets the board again: its home page, and its word on its health."""
    expect_the_board(visitor, site)


@needs("test_visitors_get_the_board")
def test_no_rights_given_away(
    host: Host, service: Service, visitor: Visitor, site: Site
) -> None:
    """No mend by force: nobody is root now, and code and secrets are still closed."""
    expect_the_board(visitor, site)
    front = host.run(FRONT).stdout.splitlines()
    as_root = [line for line in front if line.startswith("root ")]
    expect(
        not as_root,
        wanted="nginx's workers belong to a user of their own, and not to root.",
        found=f"{len(as_root)} of nginx's {len(front)} workers belong to root."
        if as_root
        else "",
        why="as root, nginx may open every socket, and every file too: one mistake in "
        "a location, and strangers read what only root should.",
        look="the line user in /etc/nginx/nginx.conf; who may write to the socket: "
        "namei --long with its path.",
    )
    service_user.all_kept(host, service, site)


@disturbs("data")
@needs("test_visitors_get_the_board")
def test_upload_works(site: Site, member: Member | str) -> None:
    """A member logs in and posts a notice with a picture, which visitors see."""
    board.upload_works(site, member)


@disturbs("reboot")
@needs(
    "test_visitors_get_the_board",
    "test_no_rights_given_away",
    "test_upload_works",
)
def test_it_survives_a_reboot(
    visitor: Visitor,
    reboot: Callable[[], None],
    request: pytest.FixtureRequest,
) -> None:
    """The cause is gone and not only the symptom: after a reboot the board is there."""
    reboot()
    visitor = Visitor(request.getfixturevalue("host"))
    site = request.getfixturevalue("site")
    with still_after(
        "a reboot",
        why="what was done by hand in /run, or started by hand, is gone at the next "
        "boot; then the page is there again, at the hour that you like least.",
        look="what makes the thing that you mended: at each boot, somebody has to make "
        "it anew, and does it as a file in /etc says. systemctl cat shows units.",
    ):
        expect_the_board(visitor, site)

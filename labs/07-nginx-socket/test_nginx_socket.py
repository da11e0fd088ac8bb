"""Lab 07: do visitors reach the board, through nginx alone, and at every moment?"""

import json
import time
from collections.abc import Callable, Iterator

import pytest
from testinfra.host import Host

from labkit.checks import (
    board,
    disturbs,
    doors,
    expect,
    guard,
    needs,
    service_user,
    still_after,
)
from labkit.checks.board import Member
from labkit.checks.fixtures import IPV4, IPV6, Visitor
from labkit.checks.service import Service
from labkit.checks.service_user import STRANGER
from labkit.checks.site import Site

WEB, SSH = 80, 22

# So long may a service take to start for a visitor, on a busy computer.
PATIENCE = 20

# Prints those of the service's places, ports and Unix sockets, that speak HTTP to
# whoever runs this.
KNOCK = """
import json, socket, sys
answered = []
for place in json.loads(sys.argv[1]):
    host, _, port = place.rpartition(":")
    try:
        if place[0] in "/@":
            door = socket.socket(socket.AF_UNIX)
            door.settimeout(5)
            door.connect(place.replace("@", chr(0), 1))
        else:
            host = {"0.0.0.0": "127.0.0.1", "*": "127.0.0.1"}.get(host, host)
            door = socket.create_connection((host.strip("[]"), port), 5)
        with door:
            door.sendall(b"GET /health/ HTTP/1.0\\r\\nHost: board.test\\r\\n\\r\\n")
            if door.recv(5) == b"HTTP/":
                answered.append(place)
    except OSError:
        pass
print(json.dumps(answered))
"""


@pytest.fixture
def left_running(host: Host) -> Iterator[None]:
    """Leave the service running, whatever a check did."""
    host.run("systemctl reset-failed board.service")
    yield
    host.run("systemctl reset-failed board.service")
    host.run("timeout 60 systemctl start board.service")


def visit(visitor: Visitor, address: str, path: str) -> str:
    """Fetch a page of board.test at one of the server's addresses: its status and,
    where there is none, curl's word."""
    place = f"[{address}]" if ":" in address else address
    done = visitor.run(
        "curl --silent --output /dev/null --connect-timeout 2 --max-time %s "
        "--write-out '%%{http_code} %%{errormsg}' --connect-to ::%s: "
        "http://board.test%s",
        str(PATIENCE),
        place,
        path,
    )
    status, _, words = str(done.stdout.strip()).partition(" ")
    return f"no answer ({words})" if status == "000" else status


def test_visitors_reach_the_board(
    host: Host, visitor: Visitor, service: Service
) -> None:
    """Visitors reach the board at http://board.test/, over IPv4 and IPv6."""
    answers = {
        f"{path} over {family}": visit(visitor, address, path)
        for family, address in (("IPv4", IPV4), ("IPv6", IPV6))
        for path in ("/accounts/login/", "/health/")
    }
    wrong = [f"{what} gave {said}" for what, said in answers.items() if said != "200"]
    found = ""
    if wrong:
        listening = host.run("ss -Hltn 'sport = :80'").stdout != ""
        found = f"for a visitor, {'; '.join(wrong)}. "
        found += "A program listens at port 80. " if listening else ""
        found += "" if listening else "On the server, nothing listens at port 80. "
        found += f"board.service is {service.look().state}."
    expect(
        not found,
        wanted="visitors get 200 at port 80 for the board's pages, by the name "
        "board.test, over IPv4 and IPv6.",
        found=found,
        why="port 80 is where a browser goes when no port is written. Until it answers "
        "with your pages there, you have no site.",
        look="No answer: who listens (ss --listening --tcp --processes, as root), and "
        "what the firewall lets in. 404 or nginx's welcome: which server block takes "
        "the name, in nginx -T. 400: ALLOWED_HOSTS. 502: /var/log/nginx/error.log.",
    )


@guard
@needs("test_visitors_reach_the_board")
@pytest.mark.usefixtures("forgotten_service")
def test_two_doors_only(host: Host, visitor: Visitor) -> None:
    """From outside, only ssh and the web can be reached, whatever else listens."""
    doors.only_open(host, visitor, {SSH, WEB})


def at_ports(service: Service) -> list[str]:
    """The TCP addresses at which the board's service itself listens."""
    return [place for place in service.settled().listening if place[0] not in "/@"]


@needs("test_visitors_reach_the_board")
def test_no_port_of_its_own(service: Service) -> None:
    """The board has no TCP port of its own, not even on the loopback."""
    ports = at_ports(service)
    expect(
        not ports,
        wanted="board.service listens at a Unix socket, and at no TCP port.",
        found=f"board.service listens at {', '.join(ports)}.",
        why="whoever reaches that port comes past nginx and past all that you set up "
        "there: limits, logs, later TLS. On the loopback, that is every program and "
        "every account of the server.",
        look="ss --listening --tcp --processes, as root. What Gunicorn is told: --bind "
        "or GUNICORN_CMD_ARGS in systemctl cat board. Without any, and without a "
        "socket of systemd's, it takes port 8000.",
    )


def strangers_way_in(host: Host, service: Service) -> str:
    """Where the board answers somebody who has no part in it; "" for nowhere."""
    places = json.dumps(service.settled().listening)
    said = host.check_output(f"{STRANGER} python3 -c %s %s", KNOCK, places)
    answered: list[str] = json.loads(said)
    return next(iter(answered), "")


@needs("test_no_port_of_its_own")
def test_strangers_stay_out_of_the_socket(host: Host, service: Service) -> None:
    """No other account of the server reaches the board past nginx."""
    place = strangers_way_in(host, service)
    shown = host.run("stat --format 'it belongs to %%U, %%A' %s", place).stdout.strip()
    expect(
        not place,
        wanted="nginx may connect to the board's socket, and an account that has no "
        "part in it may not.",
        found=f"an account that has no part in it connected to {place} and was "
        f"answered; {shown or 'that is no file, so no mode can forbid it'}.",
        why="a socket is a file: its owner and its mode are the lock, which a port "
        "does not have.",
        look="ls -l with the socket's path, and namei --long for the directories "
        "above. Where systemd makes it: SocketUser=, SocketGroup= and SocketMode=, in "
        "man systemd.socket. Where Gunicorn does: umask.",
    )


@guard
@needs("test_visitors_reach_the_board")
def test_still_a_service_user(host: Host, service: Service, site: Site) -> None:
    """What lab 05 won still holds: own user, closed code, closed secrets, kept data."""
    service_user.all_kept(host, service, site)


@guard
@disturbs("data")
@needs("test_visitors_reach_the_board")
def test_upload_works(site: Site, member: Member | str) -> None:
    """A member logs in and posts a notice with a picture, which visitors see."""
    board.upload_works(site, member)


@disturbs("restart")
@needs("test_visitors_reach_the_board", "test_no_port_of_its_own")
@pytest.mark.usefixtures("left_running")
def test_a_restart_loses_nothing(host: Host, service: Service, site: Site) -> None:
    """A request that comes while the service restarts is answered, not lost."""
    service.settled()
    with site.visits("/health/") as visits:
        time.sleep(0.5)
        done = host.run("timeout 100 systemctl restart board.service")
        # The visit that is under way ends, and then one that came afterwards.
        before, deadline = visits.counted(), time.monotonic() + 2 * PATIENCE
        while visits.counted() < before + 2 and time.monotonic() < deadline:
            time.sleep(0.2)
        many, lost = visits.counted(), visits.turned_away()
    found = ""
    if done.rc != 0:
        found = f"systemctl restart board: {done.stderr.strip() or 'no end in 100 s'}"
    elif lost:
        found = f"of {many} requests around systemctl restart board, one at least was "
        found += f"lost: its visitor got {lost}."
    expect(
        not found,
        wanted="while systemctl restart board runs, visitors ask without pause, and "
        "each gets 200, some a moment later.",
        found=found,
        why="you restart for every release and every setting. If each restart turns "
        "visitors away, you will put it off, or do it at night.",
        look="who makes the socket, and whether it is there while the service is not: "
        "systemctl status board.socket; ls -l and the socket's path, during systemctl "
        "stop board. What nginx met: /var/log/nginx/error.log.",
    )


@disturbs("restart")
@needs("test_visitors_reach_the_board", "test_no_port_of_its_own")
@pytest.mark.usefixtures("left_running")
def test_the_board_may_start_later(
    host: Host, visitor: Visitor, service: Service
) -> None:
    """A visitor who comes while the service is stopped is answered too."""
    host.run("timeout 60 systemctl stop board.service")
    said = visit(visitor, IPV4, "/health/")
    expect(
        said == "200",
        wanted="a visitor comes while board.service is stopped, waits until it has "
        "started, and gets 200.",
        found=f"after systemctl stop board, a visitor got {said}, and board.service "
        f"was {service.look().state}.",
        why="after a boot or a crash the first visitors come before Django is loaded. "
        "They should wait a second, and not read 502.",
        look="systemctl list-sockets, which names the service that each socket starts; "
        "systemctl status board.socket and board.service.",
    )


@disturbs("reboot")
@needs(
    "test_visitors_reach_the_board",
    "test_two_doors_only",
    "test_no_port_of_its_own",
    "test_strangers_stay_out_of_the_socket",
    "test_still_a_service_user",
    "test_upload_works",
    "test_a_restart_loses_nothing",
    "test_the_board_may_start_later",
)
def test_it_survives_a_reboot(
    host: Host,
    visitor: Visitor,
    service: Service,
    reboot: Callable[[], None],
    request: pytest.FixtureRequest,
) -> None:
    """All of this is still true after a reboot."""
    reboot()
    request.getfixturevalue("forgotten_service")
    with still_after(
        "a reboot",
        why="a server reboots when you are asleep, and what lay in /run is gone.",
        look="what starts at boot: systemctl list-unit-files --state=enabled.",
    ):
        test_visitors_reach_the_board(host, visitor, service)
        test_two_doors_only(host, visitor)
        test_no_port_of_its_own(service)
        test_strangers_stay_out_of_the_socket(host, service)
        site = request.getfixturevalue("site")
        test_still_a_service_user(host, service, site)

"""Lab 12: does Apache answer, and does the board run as itself below it?"""

import time
from collections.abc import Callable

import pytest
from testinfra.host import Host

from labkit.checks import board, disturbs, expect, needs, service_user, still_after
from labkit.checks.apache import Apache
from labkit.checks.board import Member
from labkit.checks.service import Service, Unable
from labkit.checks.site import Site


@pytest.fixture
def service(host: Host, as_root: None) -> Apache:
    """The board below Apache."""
    return Apache(host)


def test_site_answers(service: Apache, site: Site) -> None:
    """Apache answers visitors at http://board.test/, and the board is what it shows."""
    home, health = site.get("/"), site.get("/health/")
    server = home.headers.get("server", "no Server header")
    found = ""
    if (home.status, health.text.strip()) != (200, "ok"):
        found = f"/ gave {home} and /health/ {health}"
        if "Apache2 Debian Default Page" in home.text:
            found += "; the page is Apache's default site"
    elif not server.startswith("Apache"):
        found = f"the pages come from {server}"
    if not site.is_open:
        inside = found or f"/ gave {home}"
        found = "no web port is open to visitors; asked on the server itself, at "
        found += f"{site.route}, {inside}"
    if not home.status or home.status >= 500:
        found += f". apache2.service is {service.look().state}"
    expect(
        not found,
        wanted="at http://board.test/, from outside, Apache answers with the board; "
        "/health/ says ok.",
        found=f"{found}.",
        why="this is the door by which visitors come.",
        look="systemctl status apache2; apache2ctl configtest; apache2ctl -S for which "
        "site has which name; the last lines of the error log in /var/log/apache2, "
        "where Python's tracebacks are; the firewall, and ALLOWED_HOSTS.",
    )


@needs("test_site_answers")
def test_own_user(host: Host, service: Apache, site: Site) -> None:
    """A page is made by a process of the board's own user, in daemon mode."""
    path = board.slow_page(site, seconds=1.2)
    asked = site.ask(path)
    process = asked.busy()
    answer = asked.response()
    if process is None:
        found = f"{path} gave {answer}, and no process of apache2.service worked on it"
    elif process.account == service.account():
        found = f"process {process.pid}, which made the page, "
        if service.is_worker(process):
            found += "is one of Apache's own workers (embedded mode), and runs as "
            found += process.account
        else:
            found += "is one of mod_wsgi's own (daemon mode), and still runs as "
            found += f"{process.account}, like Apache's workers"
    else:
        found = service_user.objection(host, process)
    expect(
        not found,
        wanted="the process that makes the board's pages belongs to apache2.service "
        "and runs as a user made for the board.",
        found=f"{found}.",
        why="every site that runs as Apache's user can read the secrets of all others.",
        look="ps -eo user,pid,ppid,args | grep -E 'apache|wsgi' while a report is "
        "being made; does the site name a process group (process-group= or "
        "WSGIProcessGroup), and has its WSGIDaemonProcess user= and group=?",
    )


@needs("test_site_answers")
def test_nothing_beside_apache(host: Host) -> None:
    """The old server is gone: the board runs below Apache, and nowhere else."""
    old = Service(host).look()
    expect(
        not old.processes,
        wanted="board.service has no process any more.",
        found=f"board.service is {old.state} and runs "
        f"{', '.join(map(str, old.processes))}.",
        why="two servers on one database are twice the memory, and the one that is "
        "forgotten keeps running the old code.",
        look="systemctl status board; systemctl disable --now, in man systemctl.",
    )


@needs("test_site_answers", "test_own_user")
def test_still_a_service_user(host: Host, service: Apache, site: Site) -> None:
    """What lab 05 won still holds: own user, closed code, closed secrets, kept data."""
    try:
        service_user.all_kept(host, service, site)
    except Unable as words:
        found = str(words)
    else:
        return
    expect(
        False,
        wanted="as the user of its processes, the board can be loaded.",
        found=f"it can't: {found}.",
        why="what lab 05 won can only be looked at on a site that runs.",
        look="the error log in /var/log/apache2.",
    )


@needs("test_site_answers")
def test_requests_are_logged(host: Host, service: Apache, site: Site) -> None:
    """Each request leaves a line in the log, which no stranger can write."""
    board.requests_are_logged(host, service, site)


@disturbs("data")
@needs("test_site_answers", "test_own_user")
def test_upload_works(site: Site, member: Member | str) -> None:
    """A member logs in and posts a notice with a picture, which visitors see."""
    board.upload_works(site, member)


@disturbs("restart")
@needs("test_site_answers", "test_own_user")
def test_touch_reloads(host: Host, service: Apache, site: Site) -> None:
    """Touching the WSGI file brings new processes; Apache is not restarted."""
    found = ""
    try:
        script = service.script()
    except Unable as words:
        found = f"there is no file to touch: {words}"
    else:
        site.get("/health/")
        before = service.look()
        old = {process.pid for process in before.processes}
        path = board.slow_page(site, seconds=1.2)
        with site.visits("/health/") as visits:
            host.check_output("touch %s", script)
            time.sleep(1)
            asked = site.ask(path)
            worker = asked.busy()
            answer = asked.response()
            away = visits.turned_away()
        if answer.status != 200:
            found = f"after touch {script}, {path} gave {answer}"
        elif away:
            found = f"after touch {script}, a visitor got {away}"
        elif worker is None or worker.pid in old:
            found = f"after touch {script}, process {worker and worker.pid} made the "
            found += "next page, which had been there before"
        elif service.look().main != before.main:
            found = f"after touch {script}, Apache itself was another"
    expect(
        not found,
        wanted="after a touch of the file that mod_wsgi loads, the next page is made "
        "by a new process, Apache's main process is the same, and nobody is turned "
        "away.",
        found=f"{found}.",
        why="new code is brought out often, and the other sites of this Apache "
        "should not notice.",
        look="WSGIScriptReloading, and whether the board runs in daemon mode: in "
        "embedded mode a touch loads the file again, in the same process.",
    )


@disturbs("reboot")
@needs(
    "test_site_answers",
    "test_own_user",
    "test_nothing_beside_apache",
    "test_still_a_service_user",
    "test_requests_are_logged",
    "test_upload_works",
    "test_touch_reloads",
)
def test_it_survives_a_reboot(
    host: Host,
    service: Apache,
    reboot: Callable[[], None],
    request: pytest.FixtureRequest,
) -> None:
    """All of this is still true after a reboot."""
    reboot()
    site = request.getfixturevalue("site")
    with still_after(
        "a reboot",
        why="what you started by hand is gone at the next power cut.",
        look="what starts at boot: systemctl list-unit-files --state=enabled.",
    ):
        test_site_answers(service, site)
        test_own_user(host, service, site)
        test_nothing_beside_apache(host)
        test_still_a_service_user(host, service, site)
        test_requests_are_logged(host, service, site)

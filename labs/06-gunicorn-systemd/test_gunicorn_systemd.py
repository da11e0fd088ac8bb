"""Lab 06: is the server made for production, and who brings it back?"""

import time
from collections.abc import Callable, Iterator

import pytest
from testinfra.host import Host

from labkit.checks import (
    board,
    disturbs,
    expect,
    guard,
    needs,
    service_user,
    still_after,
)
from labkit.checks.board import Member
from labkit.checks.service import Service
from labkit.checks.site import Asked, Site

# A form that anybody may send: the one to log in.
FORM = "/accounts/login/"

# So long may a service take to come back: a start, and systemd's own pauses.
PATIENCE = 40


@pytest.fixture
def left_running(host: Host) -> Iterator[None]:
    """Leave the service running, and its starts uncounted, whatever a check did."""
    host.run("systemctl reset-failed board.service")
    yield
    host.run("systemctl reset-failed board.service")
    host.run("timeout 60 systemctl start board.service")


@guard
def test_site_answers(service: Service, site: Site) -> None:
    """The site answers: its home page, and its word on its own health."""
    board.answers(service, site)


@needs("test_site_answers")
def test_made_for_production(site: Site) -> None:
    """What answers is a server made for production, not Django's development server."""
    server = site.get("/").headers.get("server", "")
    expect(
        not server.startswith("WSGIServer"),
        wanted="the pages come from Gunicorn.",
        found=f"they come with the header `Server: {server}`, which is runserver's.",
        why="Django's documentation says of runserver that it has not gone through "
        "security audits or performance tests.",
        look="the command in the unit: systemctl cat board. After an edit: systemctl "
        "daemon-reload, then systemctl restart board.",
    )


@guard
@needs("test_site_answers")
def test_side_by_side(service: Service, site: Site) -> None:
    """Two slow requests are worked on side by side: none waits for another's end."""
    # Longer than a server may take that gives each request one second.
    path = board.slow_page(site, seconds=2.2)
    side_by_side(site, path, site.ask(path))


def side_by_side(site: Site, path: str, slow: Asked) -> None:
    """While one request is under way, another one is answered."""
    worked_on = slow.busy()
    other = site.get("/health/")
    waited = slow.ended()
    answer = slow.response()
    found = ""
    if answer.status != 200:
        found = f"{path} was answered with {answer}."
    elif other.status != 200:
        found = f"while {path} was under way, /health/ was answered with {other}."
    elif waited and worked_on:
        found = f"while {path} was under way, /health/, which takes next to no work, "
        found += "was answered only after it."
    expect(
        not found,
        wanted="a slow page is answered, and while it is being made, so is another.",
        found=found,
        why="with room for one request at a time, one slow page stops the site for "
        "everybody, and its visitor need not even mean harm.",
        look="how many workers there are, and how many threads each has (NLWP): "
        "ps -o pid,nlwp,args --ppid $(systemctl show --property MainPID --value "
        "board). Where a page is not answered: journalctl --unit board.",
    )


@guard
@needs("test_site_answers")
def test_requests_are_logged(host: Host, service: Service, site: Site) -> None:
    """Each request leaves a line in the log, which no stranger can write."""
    board.requests_are_logged(host, service, site)


@guard
@needs("test_site_answers")
def test_still_a_service_user(host: Host, service: Service, site: Site) -> None:
    """What lab 05 won still holds: own user, closed code, closed secrets, kept data."""
    service_user.all_kept(host, service, site)


@guard
@disturbs("data")
# A login is a slow page too: its password's hash takes seconds on a slow processor.
@needs("test_site_answers", "test_side_by_side")
def test_upload_works(site: Site, member: Member | str) -> None:
    """A member logs in and posts a notice with a picture, which visitors see."""
    board.upload_works(site, member)


@disturbs("restart")
@needs("test_made_for_production", "test_side_by_side")
@pytest.mark.usefixtures("left_running")
def test_a_worker_may_die(host: Host, service: Service, site: Site) -> None:
    """A process may die at work: nobody is turned away, and another replaces it."""
    board.answers(service, site)  # a check before this one may have stopped it
    begun = service.look()
    before = len(begun.processes)
    slow = site.send_slowly(FORM, seconds=2)
    worker = slow.busy()
    if worker is None:
        found = f"a form sent to {FORM} was answered with {slow.response()}."
    else:
        host.run("kill -KILL %s", str(worker.pid))
        killed = time.monotonic()
        with site.visits("/health/") as visits:
            while True:
                time.sleep(0.1)
                seen, answer = service.look(), visits.turned_away()
                left, after = len(seen.processes), time.monotonic() - killed
                gone = worker.pid not in (process.pid for process in seen.processes)
                # A main process that goes as well needs a moment to go.
                stays = gone and seen.main == begun.main
                if answer or (left >= before and (stays or after > 2)):
                    break
                if after > PATIENCE:
                    break
        found = ""
        if answer:
            found = f"after kill -9 of {worker}, which was reading a form, a visitor "
            found += f"got {answer}."
        elif left < before:
            found = f"{PATIENCE} s after kill -9 of one of {before} processes, there "
            found += f"are {left}."
    expect(
        not found,
        wanted="when one process of the site is killed at work, the next visitors get "
        "answers, and soon there are as many processes as before.",
        found=found,
        why="a process dies of its own mistakes and of too little memory. That should "
        "cost the request it was working on, and no other.",
        look="journalctl --unit board, which says what happened after the kill. Do it "
        "by hand: kill -9 for a worker, and systemctl status board, before and after, "
        "for the tree of processes.",
    )


@guard
@disturbs("restart")
@needs("test_site_answers")
@pytest.mark.usefixtures("left_running")
def test_the_main_process_may_die(host: Host, service: Service, site: Site) -> None:
    """When the main process is killed, systemd brings the site back."""
    site.get("/health/")
    seen = service.look()
    killed = seen.main
    if killed:
        host.run("kill -KILL %s", str(killed))
    deadline = time.monotonic() + PATIENCE
    answer = None
    while not (answer and answer.status == 200) and time.monotonic() < deadline:
        time.sleep(0.3)
        seen = service.look()
        if seen.state.startswith(("failed", "inactive")):
            break
        # Not before: for a moment, what the main process has left answers.
        answer = site.get("/health/") if seen.main not in (0, killed) else None
    expect(
        bool(killed and answer and answer.status == 200),
        wanted=f"within {PATIENCE} s of kill -9 of the main process, systemd has "
        "started another, and the site answers.",
        found=f"after kill -9 of process {killed}, board.service is "
        f"{seen.state}, and /health/ gave {answer or site.get('/health/')}."
        if killed
        else f"board.service is {seen.state} and has no main process.",
        why="at three in the morning, nobody types systemctl start.",
        look="what systemd is to do when that process ends: systemctl show --property "
        "Restart board; man systemd.service. What it did: systemctl status board.",
    )


@disturbs("restart")
@needs("test_made_for_production", "test_side_by_side")
@pytest.mark.usefixtures("left_running")
def test_a_restart_cuts_nobody_off(host: Host, service: Service, site: Site) -> None:
    """A request that is being worked on is finished when the service is restarted."""
    board.answers(service, site)
    slow = site.send_slowly(FORM, seconds=3)
    slow.busy()
    done = host.run("timeout 100 systemctl restart board.service")
    answer = slow.response()
    found = ""
    if done.rc != 0:
        found = f"systemctl restart board: {done.stderr.strip() or 'no end in 100 s'}"
    elif answer.status != 200:
        found = f"at systemctl restart board, a form for {FORM} was being sent. Its "
        found += f"sender got {answer}."
    expect(
        not found,
        wanted="systemctl restart board waits for the request that is under way.",
        found=found,
        why="an edit of the unit or a new version of Gunicorn is a restart. Whoever "
        "has pressed Save at that moment should see that it was saved.",
        look="which signal the service gets, and how much time: systemctl show board "
        "--property KillSignal,KillMode,TimeoutStopUSec; graceful_timeout in "
        "Gunicorn's settings; whether the main process is Gunicorn: systemctl status "
        "board.",
    )


@disturbs("reboot")
@needs(
    "test_site_answers",
    "test_made_for_production",
    "test_side_by_side",
    "test_requests_are_logged",
    "test_still_a_service_user",
    "test_upload_works",
    "test_a_worker_may_die",
    "test_the_main_process_may_die",
    "test_a_restart_cuts_nobody_off",
)
def test_it_survives_a_reboot(
    host: Host,
    service: Service,
    reboot: Callable[[], None],
    request: pytest.FixtureRequest,
) -> None:
    """All of this is still true after a reboot."""
    reboot()
    site = request.getfixturevalue("site")
    with still_after(
        "a reboot",
        why="what you started by hand is gone at the next power cut, and so is "
        "what lay in /run or /tmp.",
        look="what starts at boot: systemctl list-unit-files --state=enabled.",
    ):
        test_site_answers(service, site)
        test_made_for_production(site)
        side_by_side(site, FORM, site.send_slowly(FORM, seconds=3))
        test_requests_are_logged(host, service, site)
        test_still_a_service_user(host, service, site)

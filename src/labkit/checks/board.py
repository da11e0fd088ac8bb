"""What is asked of the board in one lab after another: it answers, it takes an
upload, it leaves a line in the log.

Each function looks at one promise and fails through `expect`.
"""

import re
import secrets
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

import pytest
from testinfra.host import Host

from labkit.checks import expect
from labkit.checks.service import Service, State, Unable, Unreachable
from labkit.checks.service_user import STRANGER
from labkit.checks.site import Site

# The smallest of pictures, one grey dot.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55000000"
    "0a49444154789c636800000082008177cd72b60000000049454e44ae426082"
)


# A report on so few days is quickly made; more days take in proportion longer, as
# board's README says.
FEW = 30
QUICK = f"/reports/activity/?days={FEW}"


def slow_page(site: Site, seconds: float) -> str:
    """The path of a report that costs a processor of this server `seconds`, lengthened.

    Computers differ; the report says what it has cost. The cheaper of two counts.
    """
    seconds = site.lengthened(seconds)
    words = [site.get(QUICK).text for _ in range(2)]
    took = [float(n) for text in words for n in re.findall(r"took ([\d.]+) s", text)]
    pace = max(min(took, default=0.3), 0.01) / FEW
    return f"/reports/activity/?days={min(round(seconds / pace), 3650)}"


def last_words(seen: State) -> str:
    """What the service said last."""
    return f"It said: {' / '.join(seen.last_words) or 'nothing'}"


def answers(service: Service, site: Site) -> None:
    """The home page answers, and the site's word on its own health is good."""
    seen = service.settled()
    found = ""
    if seen.listening:
        try:
            home = site.get("/")
            # Where nobody answers, a second visitor would wait as long as the first.
            health = site.get("/health/") if home.status else home
        except Unreachable:  # it has ended since
            seen = service.look()
        else:
            if (home.status, health.text.strip()) != (200, "ok"):
                found = f"at {site.route}, / gave {home}"
                if home.status:
                    found += f" and /health/ {health}"
                found += "."
                if not home.status or home.status >= 502:  # it did not answer itself
                    found += f" {last_words(service.look())}"
    elif seen.processes:
        found = "board.service runs, and listens at no port and at no socket. "
        found += last_words(seen)
    if not seen.listening and not found:
        found = f"board.service has no process; it is {seen.state}. {last_words(seen)}"
    expect(
        not found,
        wanted="board.service runs, / answers 200 and /health/ says ok.",
        found=found,
        why="a site that is safe and does not answer is of no use to anybody.",
        look="systemctl status board; journalctl --unit board --boot. After an edit "
        "of the unit: systemctl daemon-reload, then systemctl restart board.",
    )


class Member(NamedTuple):
    """Somebody who may post."""

    name: str
    password: str
    category: str


@pytest.fixture
def member(service: Service) -> Iterator[Member | str]:
    """A member and a category, for the time of a check; or why there are none."""
    name, password = f"labkit-{uuid.uuid4().hex[:8]}", secrets.token_hex(12)
    add = """
    from django.contrib.auth.models import User
    from board.models import Category
    User.objects.create_user(name, password=password)
    answer = str(Category.objects.create(name=name, slug=name).pk)
    """
    remove = """
    from django.contrib.auth.models import User
    from board.models import Category
    User.objects.filter(username=name).delete()
    answer = Category.objects.filter(slug=name).delete()[0]
    """
    try:
        category = service.ask(add, name=name, password=password)
    except Unable as words:
        yield f"adding a member, as the service's user, failed: {words}."
    else:
        yield Member(name, password, category)
        with suppress(Unable):
            service.ask(remove, name=name)


@pytest.fixture
def staff(service: Service, site: Site, member: Member | str) -> str:
    """Have the visitor be logged in as somebody of the staff; what went wrong."""
    if isinstance(member, str):
        return member
    promote = """
    from django.contrib.auth.models import User
    answer = User.objects.filter(username=name).update(is_staff=True)
    """
    try:
        service.ask(promote, name=member.name)
    except Unable as words:
        return f"making a member staff, as the service's user, failed: {words}."
    login = site.post(
        "/accounts/login/", username=member.name, password=member.password
    )
    return "" if login.status == 302 else f"logging in was answered with {login}."


def upload(site: Site, member: Member) -> str:
    """Post a notice with a picture, look at it, take it down: what went wrong."""
    path = "/accounts/login/"
    answer = site.post(path, username=member.name, password=member.password)
    if answer.status != 302:
        return f"logging in as a new member was answered with {answer}."
    answer = site.post(
        "/notices/new/",
        files={"picture": site.file("dot.png", PNG)},
        title="One dot",
        body="Posted by a check, and taken down by it.",
        category=member.category,
        picture_alt="A dot",
    )
    if answer.status != 302:
        return f"posting a notice with a picture was answered with {answer}."
    notice = answer.headers["location"]
    source = site.get(notice).text.rpartition('<img src="')[2].partition('"')[0]
    picture = site.get(source)
    gone = site.post(f"{notice}delete/")
    if picture.body != PNG:
        return f"the picture was taken, and its address {source} gives {picture}."
    if gone.status != 302:
        return f"taking the notice down again was answered with {gone}."
    return ""


def upload_works(site: Site, member: Member | str) -> None:
    """A member logs in and posts a notice with a picture, which visitors see."""
    found = member if isinstance(member, str) else upload(site, member)
    expect(
        not found,
        wanted="a member can log in, post a notice with a picture, see the picture "
        "and take the notice down.",
        found=found,
        why="what the service's user may not write, the site's members can't post. "
        "This is the price of taking rights away, so see what is still needed.",
        look="journalctl --unit board; the owner of the database, of its directory "
        "(SQLite writes a journal beside it) and of the directories of pictures. Where "
        "logging in fails: was the board restarted since its settings changed?",
    )


# So long after an answer may its line be written: the computer may be busy.
_LINE_SECONDS = 2

# The regular files that the processes of the unit $0 hold open for writing.
OPEN_FILES = """
for pid in $(cat /sys/fs/cgroup$(systemctl show -P ControlGroup $0)/cgroup.procs)
do
    for number in /proc/$pid/fd/*
    do
        file=$(readlink $number) && [ -f "$file" ] &&
            grep -q 'flags:.*[12]$' /proc/$pid/fdinfo/${number##*/} && echo "$file"
    done
done | sort -u
"""


def requests_are_logged(host: Host, service: Service, site: Site) -> None:
    """Each request leaves a line in the log, which no stranger can write."""
    mark = f"labkit-{uuid.uuid4().hex[:12]}"
    site.get(f"/health/?{mark}")
    deadline = time.monotonic() + _LINE_SECONDS
    while True:  # a server writes its line after it has answered
        host.run("journalctl --sync")
        if (
            host.run(
                "journalctl --unit %s --since -1min --grep %s", service.unit, mark
            ).rc
            == 0
        ):
            return
        files = host.run("sh -c %s %s", OPEN_FILES, service.unit).stdout.splitlines()
        # reads text: a log is what it says
        logs = [f for f in files if host.run("grep -qs %s %s", mark, f).rc == 0]
        if logs or time.monotonic() > deadline:
            break
        time.sleep(0.3)
    loose = [f for f in logs if host.run(f"{STRANGER} test -w %s", f).rc == 0]
    if loose:
        found = f"the log is {loose[0]}, and any account can write lines into it."
    else:
        found = f"a request was made, and neither the journal of {service.unit} nor a "
        found += "file that the service writes has a line about it."
    expect(
        bool(logs) and not loose,
        wanted="a request leaves a line in the service's journal, or in a log file "
        "that other accounts can't write.",
        found=found,
        why="when something goes wrong, the log is all that is left of it.",
        look="journalctl --unit board; whether the server writes such lines at all: "
        "its command, in systemctl cat board; and where they go: StandardOutput= and "
        "StandardError= in man systemd.exec.",
    )

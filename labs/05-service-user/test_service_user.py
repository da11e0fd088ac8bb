"""Lab 05: is the site a user that can touch little, with a place for everything?"""

import secrets
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import NamedTuple

import pytest
from testinfra.host import Host

from labkit.checks import disturbs, expect, guard, needs, still_after
from labkit.checks.service import Process, Service, Unable
from labkit.checks.site import Site

# An account that the server has not: somebody who is nobody to the site.
STRANGER = "setpriv --reuid=59876 --regid=59876 --clear-groups"

# The smallest of pictures, one grey dot.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55000000"
    "0a49444154789c636800000082008177cd72b60000000049454e44ae426082"
)


@guard
def test_site_answers(service: Service, site: Site) -> None:
    """The site answers: its home page, and its word on its own health."""
    seen = service.settled()
    found = ""
    if not seen.processes:
        words = " / ".join(seen.last_words) or "nothing"
        found = f"board.service has no process; it is {seen.state}. It said: {words}"
    elif not seen.listening:
        found = "board.service runs, and listens at no port."
    else:
        home, health = site.get("/"), site.get("/health/")
        if (home.status, health.text.strip()) != (200, "ok"):
            found = f"at {site.base}, / answers {home} and /health/ {health}."
    expect(
        not found,
        wanted="board.service runs, / answers 200 and /health/ says ok.",
        found=found,
        why="a site that is safe and does not answer is of no use to anybody.",
        look="systemctl status board; journalctl --unit board --boot. After an edit "
        "of the unit: systemctl daemon-reload, then systemctl restart board.",
    )


def objection(host: Host, process: Process) -> str:
    """What is wrong with a process's user; "" when nothing is."""
    name = process.account
    if process.uid == 0:
        return f"{process} runs as root"
    if name == "nobody":
        return f"{process} runs as nobody, whom other programs may use as well"
    can_log_in = not process.shell.endswith(("nologin", "false"))
    if 1000 <= process.uid < 60000 and can_log_in:
        return f"{process} runs as {name}, a person's account"
    if host.run("sudo --list --other-user=%s /bin/sh", name).rc == 0:
        return f"{process} runs as {name}, who may become root through sudo"
    return ""


@needs("test_site_answers")
def test_not_root(host: Host, service: Service) -> None:
    """The site runs as a service user: not as root, nor as a person."""
    found = [objection(host, process) for process in service.look().processes]
    expect(
        not any(found),
        wanted="all processes of board.service belong to an account of the system "
        "that is nobody's own.",
        found="; ".join(filter(None, found)) + ".",
        why="whoever finds a hole in the site may do what its user may do. For root "
        "that is everything, for a person all that is that person's.",
        look="who runs it: ps -o user,pid,args -p $(systemctl show --property MainPID "
        "--value board). The key in the unit is User=; man systemd.exec.",
    )


# Files are opened to be written at the end, and nothing is written. The code is
# what Django has loaded, apart from Debian's own Python; the directories around it
# count too, since who writes there may put another thing in its place.
FIND_WRITABLE = """
import importlib, os, pathlib, sys
from django.apps import apps
from django.conf import settings
importlib.import_module(settings.ROOT_URLCONF)
system = pathlib.Path(sys.base_prefix, "lib")
roots = {pathlib.Path(sys.prefix)}
roots |= {pathlib.Path(app.path) for app in apps.get_app_configs()}
roots |= {
    pathlib.Path(module.__file__) for module in list(sys.modules.values())
    if getattr(module, "__file__", None)
}
if sys.argv[0].endswith("manage.py"):
    roots.add(pathlib.Path(sys.argv[0]))
roots = {path.resolve() for path in roots}
own = {path for path in roots if system not in path.parents}
answer = []
def try_to_write(path):
    try:
        if path.is_dir():
            assert os.access(path, os.W_OK)
        else:
            path.open("ab").close()
    except (OSError, AssertionError):
        return
    answer.append(str(path))
for root in sorted(own):
    if any(parent in own for parent in root.parents):
        continue
    for path in (root, *root.rglob("*")):
        if not path.is_symlink():
            try_to_write(path)
around = {parent for root in own for parent in root.parents} - own
replaceable = [
    str(path) for path in sorted(around)
    if os.access(path, os.W_OK) and not path.stat().st_mode & 0o1000
]
answer = dict(files=sorted(answer)[:2], many=len(answer), around=replaceable)
"""


@needs("test_site_answers", "test_not_root")
def test_code_is_read_only(service: Service) -> None:
    """The site can't change its own code, nor Django's."""
    seen = service.ask(FIND_WRITABLE)
    found = ""
    if seen["many"]:
        names = " and ".join(seen["files"])
        found = f"{seen['many']} files and directories of code, such as {names}. "
    if seen["around"]:
        found += f"{', '.join(seen['around'])}: what lies there could be renamed."
    expect(
        not found,
        wanted="the service's user can write nothing that the site runs: the "
        "project, its settings, the virtual environment, and the directories around.",
        found=f"as the service's user, the check could write {found}".strip(),
        why="with a hole and its code to write to, a stranger leaves more code, and "
        "it is still there after a restart.",
        look="who owns it and who may write: namei --long and the path. "
        "Code belongs to root, or to whoever installs it.",
    )


# Prepares a message to the visitor, as Django keeps it in a cookie: signed, here by
# the key that everybody can read in the repository.
SECRETS = """
import pathlib, re
from django.conf import settings
from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.cookie import CookieStorage
from django.test import override_settings
text = pathlib.Path("/opt/lab/project/config/settings.py").read_text()
with override_settings(SECRET_KEY=re.search('^SECRET_KEY = "(.*)"', text, re.M)[1]):
    forged = CookieStorage(None)._encode([Message(20, word)])
base = settings.DATABASES["default"]
file = base["NAME"] if base["ENGINE"].endswith("sqlite3") else ""
answer = dict(forged=forged, key=settings.SECRET_KEY, database=str(file))
"""

# Where people put keys.
# reads text: as a stranger, who must not be able to
SEARCH = (
    "printf %%s %s | setpriv --reuid=59876 --regid=59876 --clear-groups "
    "grep -rlsF --binary-files=text --devices=skip -f - "
    "/etc /home /opt /root /run /srv /usr/local /var"
)


@needs("test_site_answers")
def test_secrets_are_private(host: Host, service: Service, site: Site) -> None:
    """Nobody else can know the site's key or read its database."""
    word = uuid.uuid4().hex
    known = service.ask(SECRETS, word=word)
    if word in site.get("/", "--header", f"Cookie: messages={known['forged']}").text:
        leak = "signed by the key in the repository, a stranger's message stood on "
        leak += "the home page: that key is the one in use"
    else:
        readers = host.run(SEARCH, known["key"]).stdout.split()
        leak = f"an account that has no part in it reads {', '.join(readers)}, "
        leak = leak + "where the key is" if readers else ""
        shown = host.run(f"{STRANGER} systemctl show board --property Environment")
        if not leak and known["key"] in shown.stdout:
            leak = "`systemctl show board` tells every account the key"
        file = known["database"]
        # reads text: as a stranger, who must not be able to
        if not leak and file and host.run(f"{STRANGER} head -c1 %s", file).rc == 0:
            leak = f"an account that has no part in it reads the database, {file}"
    expect(
        not leak,
        wanted="the site has a SECRET_KEY of its own, and no other account can read "
        "it or the database.",
        found=f"{leak}.",
        why="who knows the key can write what Django takes for its own: a message, "
        "a link that sets a password anew. The database holds the members.",
        look="who may read it: namei --long and the file's path. What a unit's "
        "Environment= holds, everybody may ask for.",
    )


WHERE = """
import json, os, pathlib, sys
from django.apps import apps
from django.conf import settings
from board import sample
from board.models import Notice
real = lambda path: str(pathlib.Path(path).resolve())
base = settings.DATABASES["default"]
data = {"the pictures": real(settings.MEDIA_ROOT)}
if base["ENGINE"].endswith("sqlite3"):
    data["the database"] = real(base["NAME"])
code = {real(pathlib.Path(apps.get_app_config("board").path).parent), real(sys.prefix)}
titles = {n["title"] for n in json.loads(
    pathlib.Path(sample.__file__).with_name("notices.json").read_text())}
kept = Notice.objects.filter(title__in=titles)
pictures = [notice.picture for notice in kept if notice.picture]
lost = [one.name for one in pictures if not one.storage.exists(one.name)]
answer = dict(code=sorted(code), data=data, titles=len(titles),
    kept=len({n.title for n in kept}), lost=len(lost))
"""


@needs("test_site_answers")
def test_data_is_elsewhere(service: Service) -> None:
    """Data lies apart from the code, and none of it was lost on the way."""
    seen = service.ask(WHERE)
    found = [
        f"{what} ({place}) lies within the code ({tree})"
        for what, place in seen["data"].items()
        for tree in seen["code"]
        if f"{place}/".startswith(f"{tree}/")
    ]
    if seen["kept"] < seen["titles"]:
        found.append(
            f"{seen['kept']} of the {seen['titles']} notices that hung here at the "
            "start are there"
        )
    if seen["lost"]:
        found.append(f"{seen['lost']} of the notices' pictures are not to be found")
    expect(
        not found,
        wanted="database and pictures are outside the directories of the code, with "
        "all notices and pictures that were there.",
        found="; ".join(found) + ".",
        why="code is replaced at each release and can be had again; data grows, is "
        "backed up, and can't be had again. One directory for both loses it one day.",
        look="what the settings say as the service reads them: DATABASES, MEDIA_ROOT. "
        "Move the files while the service is stopped.",
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


@guard
@disturbs("data")
@needs("test_site_answers")
def test_upload_works(site: Site, member: Member | str) -> None:
    """A member logs in and posts a notice with a picture, which visitors see."""
    found = member if isinstance(member, str) else upload(site, member)
    expect(
        not found,
        wanted="a member can log in, post a notice with a picture, see the picture "
        "and take the notice down.",
        found=found,
        why="what the service's user may not write, its members can't post. This is "
        "the price of taking rights away, so see what is still needed.",
        look="journalctl --unit board; the owner of the database, of its directory "
        "(SQLite writes a journal beside it) and of the directories of pictures.",
    )


# The regular files that the service's processes hold open for writing.
OPEN_FILES = """
for pid in $(cat /sys/fs/cgroup$(systemctl show -P ControlGroup board)/cgroup.procs)
do
    for number in /proc/$pid/fd/*
    do
        file=$(readlink $number) && [ -f "$file" ] &&
            grep -q 'flags:.*[12]$' /proc/$pid/fdinfo/${number##*/} && echo "$file"
    done
done | sort -u
"""


@guard
@needs("test_site_answers")
def test_requests_are_logged(host: Host, service: Service, site: Site) -> None:
    """Each request leaves a line in the log, which no stranger can write."""
    mark = f"labkit-{uuid.uuid4().hex[:12]}"
    site.get(f"/health/?{mark}")
    host.run("journalctl --sync")
    if host.run("journalctl --unit board --since -1min --grep %s", mark).rc == 0:
        return
    files = host.run("sh -c %s", OPEN_FILES).stdout.splitlines()
    # reads text: a log is what it says
    logs = [file for file in files if host.run("grep -qs %s %s", mark, file).rc == 0]
    loose = [f for f in logs if host.run(f"{STRANGER} test -w %s", f).rc == 0]
    if loose:
        found = f"the log is {loose[0]}, and any account can write lines into it."
    else:
        found = "a request was made, and neither the journal of board.service nor a "
        found += "file that the service writes has a line about it."
    expect(
        bool(logs) and not loose,
        wanted="a request leaves a line in the service's journal, or in a log file "
        "that other accounts can't write.",
        found=found,
        why="when something goes wrong, the log is all that is left of it.",
        look="journalctl --unit board; StandardOutput= and StandardError= in "
        "man systemd.exec.",
    )


@disturbs("reboot")
@needs(
    "test_site_answers",
    "test_not_root",
    "test_code_is_read_only",
    "test_secrets_are_private",
    "test_data_is_elsewhere",
    "test_upload_works",
    "test_requests_are_logged",
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
        test_not_root(host, service)
        test_code_is_read_only(service)
        test_secrets_are_private(host, service, site)
        test_data_is_elsewhere(service)
        test_requests_are_logged(host, service, site)

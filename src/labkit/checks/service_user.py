"""What it means that the board runs as a service user: lab 05's promises, which
every later lab keeps.

Each function looks at one promise and fails through `expect`.
"""

import uuid
from typing import Any

from testinfra.host import Host

from labkit.checks import expect
from labkit.checks.service import Process, Service
from labkit.checks.site import Site

# An account that the server has not: somebody who is nobody to the site.
STRANGER = "setpriv --reuid=59876 --regid=59876 --clear-groups"


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


def not_root(host: Host, service: Service) -> None:
    """The site's processes belong to neither root nor a person."""
    found = [objection(host, process) for process in service.look().processes]
    expect(
        not any(found),
        wanted="all processes of board.service belong to an account made for a "
        "service, and not to root, to a person or to `nobody`.",
        found="; ".join(filter(None, found)) + ".",
        why="whoever finds a hole in the site may do what its user may do. For root "
        "that is everything, for a person all that is that person's.",
        look="who runs it: ps -o user,pid,args -p $(systemctl show --property MainPID "
        "--value board). The line in the unit is User=; man systemd.exec.",
    )


# The kernel is asked whether each may be written, and nothing is. The code is what
# Django has loaded, apart from Debian's own Python; the directories around it count
# too, since who writes there may put another thing in its place.
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
trees = {root for root in own if not any(parent in own for parent in root.parents)}
places = [str(root) for root in trees]
for root in trees:
    for directory, below, files in os.walk(root):
        places += (os.path.join(directory, name) for name in (*below, *files))
links = os.path.islink
writable = [place for place in places if not links(place) and os.access(place, os.W_OK)]
around = {parent for root in trees for parent in root.parents}
replaceable = [
    str(path) for path in sorted(around)
    if os.access(path, os.W_OK) and not path.stat().st_mode & 0o1000
]
answer = dict(files=sorted(writable)[:2], many=len(writable), around=replaceable)
"""


def code_is_read_only(service: Service) -> None:
    """The site can't change its own code, nor Django's."""
    _closed(service.ask(FIND_WRITABLE))


def _closed(seen: dict[str, Any]) -> None:
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


def secrets_are_private(host: Host, service: Service, site: Site) -> None:
    """Nobody else can know the site's key or read its database."""
    word = uuid.uuid4().hex
    _private(host, site, word, service.ask(SECRETS, word=word))


def _private(host: Host, site: Site, word: str, known: dict[str, str]) -> None:
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


def data_is_elsewhere(service: Service) -> None:
    """Data lies apart from the code, and the sample data is all there."""
    _elsewhere(service.ask(WHERE))


def _elsewhere(seen: dict[str, Any]) -> None:
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


def all_kept(host: Host, service: Service, site: Site) -> None:
    """All four promises; the site's Django starts once for them, not three times."""
    not_root(host, service)
    word = uuid.uuid4().hex
    codes = FIND_WRITABLE, SECRETS, WHERE
    writable, known, where = service.ask_all(*codes, word=word)
    _closed(writable)
    _private(host, site, word, known)
    _elsewhere(where)

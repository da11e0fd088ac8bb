"""Lab 29: what does an error tell a stranger, and which key counts for how long?"""

import html
import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from testinfra.host import Host

from labkit.checks import (
    ahead,
    board,
    disturbs,
    expect,
    files,
    guard,
    needs,
    service_user,
    still_after,
)
from labkit.checks.board import Member
from labkit.checks.fixtures import Visitor
from labkit.checks.service import Service, Unable
from labkit.checks.site import Response, Site

# Where the reader writes what the site gave away, and what start.sh had that key sign.
PROOF, SIGNED = "/root/leaked-key", "/opt/lab/signed-before"

# Clients to whom Django tells errors in different ways.
CLIENTS = (
    (),
    ("--header", "Accept: text/plain"),
    ("--header", "Accept: application/json", "--header", "X-Requested-With: fetch"),
)

# Which of some keys made a signature; "" for none.
SIGNER = """
from django.core import signing
answer = ""
for key in filter(None, keys):
    try:
        signing.loads(signed, key=key, fallback_keys=[], salt="lab29")
    except signing.BadSignature:
        continue
    answer = key
    break
"""

# What no page may hold: secrets, names of settings, places of the code.
KNOWN = """
import pathlib, sys
import board
from django.conf import settings
secrets = {"the key": settings.SECRET_KEY}
secrets |= {"an old key": key for key in settings.SECRET_KEY_FALLBACKS}
for base in settings.DATABASES.values():
    if base.get("PASSWORD"):
        secrets["the database's password"] = base["PASSWORD"]
names = [name for name in dir(settings) if name.isupper() and "_" in name]
module = sys.modules[settings.SETTINGS_MODULE]
trees = [pathlib.Path(module.__file__), pathlib.Path(board.__file__).parent]
places = [f"{tree.parent}/" for tree in trees] + [f"{sys.prefix}/"]
answer = dict(secrets=secrets, names=names, places=places)
"""

# The report about an error, in the two forms in which Django would send it.
REPORT = """
import logging
from django.conf import settings
from django.test import RequestFactory
from django.utils.log import AdminEmailHandler
class Kept(AdminEmailHandler):
    def send_mail(self, subject, message, *args, html_message=None, **kwargs):
        kept.append(subject + message + (html_message or ""))
kept = []
request = RequestFactory().get("/staff/fail/", headers={"host": "board.test"})
record = logging.LogRecord("django.request", logging.ERROR, "", 0, "failed", (), None)
record.request = request
def fail():
    raise RuntimeError("by a check")
try:
    fail()
except RuntimeError as error:  # without the frame of this text, which has the secrets
    record.exc_info = type(error), error, error.__traceback__.tb_next
Kept(include_html=True).emit(record)
found = {name: value for name, value in secrets.items() if value in kept[0]}
at = [
    name for name in dir(settings) if name.isupper() and len(name) > 3
    and any(value in repr(getattr(settings, name)) for value in found.values())
    and not name.startswith("SECRET_KEY") and name != "DATABASES"
]
answer = [sorted(found), at, len(kept[0])]
"""

STAFF = """
from django.contrib.auth.models import User
answer = User.objects.filter(username=name).update(is_staff=True)
"""

# The directory in which the board would keep a picture now, or make one for it.
PLACE = """
import pathlib
from django.core.files.storage import default_storage
from board.models import Notice
name = Notice._meta.get_field("picture").generate_filename(None, "dot.png")
place = pathlib.Path(default_storage.path(name)).parent
while not place.exists():
    place = place.parent
answer = str(place)
"""
# A session as the board made it while the leaked key was its key.
OLD_SESSION = """
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.test import override_settings
user = User.objects.get(username=name)
with override_settings(SECRET_KEY=key, SECRET_KEY_FALLBACKS=[]):
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    session.save()
answer = [settings.SESSION_COOKIE_NAME, session.session_key]
"""

# Whose key is in a session that the running board has made.
SESSION_KEY_OF = """
from importlib import import_module
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.models import User
user = User.objects.get(username=name)
store = import_module(settings.SESSION_ENGINE).SessionStore
said = ""
for key in cookies:
    said = said or store(key).get(HASH_SESSION_KEY, "")
answer = "another"
if said and said == user._get_session_auth_hash(secret=leaked):
    answer = "leaked"
elif said and said == user.get_session_auth_hash():
    answer = "new"
"""
WEAK = """
from django.core.checks.security.base import _check_secret_key
from django.conf import settings
answer = not _check_secret_key(settings.SECRET_KEY)
"""

# The settings as they will be read a day from now: does the leaked key count then?
LATER = """
import datetime, importlib, sys, time
from django.conf import settings
delta = datetime.timedelta(seconds=seconds)
real, day, clock = datetime.datetime, datetime.date, time.time
class Later(real):
    @classmethod
    def now(cls, tz=None):
        return real.now(tz) + delta
    @classmethod
    def today(cls):
        return real.now() + delta
    @classmethod
    def utcnow(cls):
        return real.now(datetime.UTC).replace(tzinfo=None) + delta
class Day(day):
    @classmethod
    def today(cls):
        return (real.now() + delta).date()
datetime.datetime, datetime.date = Later, Day
time.time = lambda: clock() + seconds
read = importlib.reload(sys.modules[settings.SETTINGS_MODULE])
answer = leaked in [read.SECRET_KEY, *getattr(read, "SECRET_KEY_FALLBACKS", [])]
"""

# The files that hold a key, and the settings' own.
# reads text: the job that ends the key may change them, and they are put back
HOLDERS = "grep -rlsF --binary-files=text --devices=skip -- %s /opt /srv /var/lib /home"
SETTINGS_FILE = """
import sys
from django.conf import settings
answer = sys.modules[settings.SETTINGS_MODULE].__file__
"""


@pytest.fixture
def leaked(host: Host, service: Service) -> str:
    """The key that the board had at the start, as the reader has proven it, or ""."""
    # reads text: it is the reader's answer
    said = html.unescape(host.run("cat %s", PROOF).stdout)
    signed = host.check_output("cat %s", SIGNED).strip()  # reads text: the lab's own
    lines = [line.strip() for line in said.splitlines()]
    words = [*lines, *(line.strip("'\"") for line in lines)]
    words += re.findall(r"SECRET_KEY = '([^']*)'", said)
    try:
        return str(service.ask(SIGNER, signed=signed, keys=words))
    except Unable:
        return ""


def no_key(host: Host) -> str:
    """What is wrong with the proof of the leak."""
    if host.run("test -e %s", PROOF).rc != 0:
        return f"there is no {PROOF}."
    return f"what {PROOF} holds is not the key that the board had at the start."


@pytest.fixture
def known(service: Service) -> dict[str, Any] | str:
    """What no page may hold; or why that can't be told."""
    try:
        seen: dict[str, Any] = service.ask(KNOWN)
    except Unable as words:
        return f"the settings can't be read: {words}."
    return seen


def told(answer: Response, known: dict[str, Any]) -> str:
    """What an answer gives away; "" for nothing."""
    text = "\n".join([html.unescape(answer.text), *answer.headers.values()])
    for what, secret in known["secrets"].items():
        if secret and secret in text:
            return f"it shows {what} itself"
    names = [name for name in known["names"] if re.search(rf"\b{name}\b", text)]
    if "DEBUG = True" in text or "URLconf" in text:
        return f"it is Django's page for developers, which has {len(text)} letters"
    if "Traceback (most recent call last)" in text:
        return "it shows a traceback, with lines of the code"
    if names:
        return f"it names the setting {names[0]}"
    for place in known["places"]:
        if place in text:
            return f"it tells where the code is, {place}"
    return ""


def silent(
    known: dict[str, Any] | str,
    answers: list[tuple[str, Response]],
    right: Callable[[Response], bool],
    *,
    wanted: str,
    look: str,
) -> None:
    """Each answer, with what was asked in words, is right and tells nothing."""
    found = known if isinstance(known, str) else ""
    for asked, answer in answers:
        if not isinstance(known, str) and not found:
            leak = told(answer, known)
            if leak:
                found = f"{asked} was answered with {answer}; {leak}."
            elif not right(answer):
                found = f"{asked} was answered with {answer}."
    expect(
        not found,
        wanted=wanted,
        found=found,
        why="an error is what a stranger brings about first. Each name of a setting, "
        "each path and each line of code tells where to try next, and one of them may "
        "be the key.",
        look=look,
    )


@guard
def test_site_answers(service: Service, site: Site) -> None:
    """The site answers: its home page, and its word on its own health."""
    board.answers(service, site)


@needs("test_site_answers")
def test_the_leak_is_proven(host: Host, leaked: str) -> None:
    """You have taken the key that the board had at the start, as a stranger could."""
    expect(
        bool(leaked),
        wanted=f"{PROOF} holds the key that the board signed with when the lab began.",
        found=no_key(host),
        why="a leak that was seen is shut with care, and what leaked decides what has "
        "to be replaced.",
        look="the page that a stranger gets for a name that the site does not have: "
        "curl --header 'Host: nobody.test'. The key is in a setting whose name does "
        "not say so.",
    )


@needs("test_site_answers")
def test_missing_page_tells_nothing(site: Site, known: dict[str, Any] | str) -> None:
    """A page that is missing is a 404 that tells nothing of settings or code."""
    path = f"/labkit-{uuid.uuid4().hex[:8]}/"
    silent(
        known,
        [(f"{path}{by(client)}", site.get(path, *client)) for client in CLIENTS],
        lambda answer: answer.status == 404,
        wanted="an address that does not exist is answered with 404, and the answer "
        "holds no setting, no path of the code and no list of addresses.",
        look="DEBUG, as the running service has it: was it restarted after the edit?",
    )


def by(client: tuple[str, ...]) -> str:
    """How a client differs, in words."""
    return f", with {client[1]}," if client else ""


@disturbs("data")
@needs("test_site_answers")
def test_error_tells_nothing(
    service: Service,
    site: Site,
    member: Member | str,
    known: dict[str, Any] | str,
) -> None:
    """A page that fails is a 500 that tells nothing of settings or code."""
    answers = []
    if isinstance(member, str):
        known = member
    else:
        service.ask(STAFF, name=member.name)
        path = "/accounts/login/"
        came = site.post(path, username=member.name, password=member.password)
        if came.status != 302:
            known = f"logging in as new staff was answered with {came}."
        page = "/staff/fail/"
        answers = [
            (f"{page}{by(client)}", site.get(page, *client)) for client in CLIENTS
        ]
    silent(
        known,
        answers,
        lambda answer: answer.status == 500,
        wanted="/staff/fail/, which fails on purpose, is answered with 500, and the "
        "answer holds no setting, no path of the code and no traceback.",
        look="DEBUG, as the running service has it; handler500, middleware and "
        "DEBUG_PROPAGATE_EXCEPTIONS, if the settings have any of these.",
    )


@needs("test_site_answers")
def test_unknown_host_tells_nothing(site: Site, known: dict[str, Any] | str) -> None:
    """Who asks for a name that the site does not have is refused, and told nothing."""
    host = ("--header", f"Host: labkit-{uuid.uuid4().hex[:8]}.test")
    silent(
        known,
        [
            (f"a request with {host[1]}{by(client)}", site.get("/", *host, *client))
            for client in CLIENTS
        ],
        lambda answer: answer.status != 200 and answer.status < 500,
        wanted="a request for a name that is not the site's is refused, by a status "
        "from 400 to 499, a redirect or no answer, and learns no setting.",
        look="ALLOWED_HOSTS and DEBUG, as the running service has them. curl --header "
        "'Host: nobody.test' shows what a stranger sees.",
    )


# More files than Django takes in one form (DATA_UPLOAD_MAX_NUMBER_FILES).
MANY = 101


@disturbs("data")
@needs("test_site_answers")
def test_failing_upload_tells_nothing(
    host: Host,
    service: Service,
    site: Site,
    member: Member | str,
    known: dict[str, Any] | str,
) -> None:
    """An upload that fails tells nothing, be it too much or be the disk at fault."""
    answers: list[tuple[str, Response]] = []
    site.get("/accounts/login/")  # the form's cookie
    dot = site.file("dot.png", board.PNG)
    many = [word for n in range(MANY) for word in ("--form", f"f{n}=@{dot}")]
    asked = f"a form with {MANY} files, sent to /accounts/login/,"
    answers.append((asked, site.get("/accounts/login/", *many)))
    if isinstance(member, str):
        known = member
    else:
        path = "/accounts/login/"
        site.post(path, username=member.name, password=member.password)
        place = service.ask(PLACE)
        mode = host.check_output("stat --format %%a %s", place)
        host.check_output("chmod a-w %s", place)
        try:
            answer = site.post(
                "/notices/new/",
                files={"picture": dot},
                title="No room",
                body="Posted by a check while its picture can't be stored.",
                category=member.category,
                picture_alt="A dot",
            )
        finally:
            host.check_output("chmod %s %s", mode, place)
        answers.append(("a picture that can't be stored", answer))
    silent(
        known,
        answers,
        lambda answer: answer.status >= 400,
        wanted="a form with too many files is refused, a picture that can't be stored "
        "is answered with 500, and neither answer holds a setting, a path or a "
        "traceback.",
        look="DEBUG, as the running service has it; what answers in Django's stead: "
        "handler400, handler500, middleware.",
    )


@disturbs("data")
@needs("test_site_answers")
def test_reports_hold_no_key(
    service: Service, leaked: str, known: dict[str, Any] | str
) -> None:
    """The report about an error that Django would send you holds no key."""
    found, size = known if isinstance(known, str) else "", 0
    if not isinstance(known, str):
        secrets = known["secrets"]
        if leaked and leaked not in secrets.values():
            secrets = secrets | {"the leaked key": leaked}
        try:
            shown, at, size = service.ask(REPORT, secrets=secrets)
        except Unable as words:
            found = f"making a report failed: {words}."
        else:
            if shown:
                found = f"a report of {size} bytes shows {' and '.join(shown)}"
                found += f", in the setting {' and in '.join(at)}." if at else "."
    expect(
        not found,
        wanted="the report about an error that Django mails, as text and as HTML, "
        "holds neither the key nor an old key nor a password.",
        found=found,
        why="reports go by mail and to other people's services, and are kept there. "
        "Django hides a setting by its name, and looks into no text.",
        look="which setting repeats a secret under a name that has neither KEY nor "
        "SECRET nor PASS in it; DEFAULT_EXCEPTION_REPORTER_FILTER.",
    )


@disturbs("data")
@needs("test_the_leak_is_proven")
def test_the_key_is_new(
    host: Host, service: Service, site: Site, member: Member | str, leaked: str
) -> None:
    """What the running board signs now is signed by a new key, and a strong one."""
    found = member if isinstance(member, str) else ""
    if not leaked:
        found = found or no_key(host)
    if isinstance(member, Member) and not found:
        found = _signed(service, site, member, leaked)
    expect(
        not found,
        wanted="the running board signs with a key that nobody has seen, of fifty "
        "letters or more.",
        found=found,
        why="who has the key writes what Django takes for its own: a message, a link "
        "that sets a password anew. Shutting the leak does not take it back.",
        look="SECRET_KEY in the settings, and whether the service was restarted since. "
        "django.core.management.utils.get_random_secret_key() makes a key.",
    )


def _signed(service: Service, site: Site, member: Member, leaked: str) -> str:
    """What is wrong with the key by which a new session is signed; "" for nothing."""
    path = "/accounts/login/"
    answer = site.post(path, username=member.name, password=member.password)
    if answer.status != 302:
        return f"logging in as a new member was answered with {answer}."
    cookies = re.findall(r"=([^;,\s]+)", answer.headers.get("set-cookie", ""))
    key, weak = service.ask_all(
        SESSION_KEY_OF, WEAK, name=member.name, leaked=leaked, cookies=cookies
    )
    if key == "leaked":
        return "a member who logs in now gets a session that the leaked key has signed."
    if key == "another":
        return (
            "a member who logs in now gets a session that the key in the settings did "
            "not sign: the running processes have another key."
        )
    if weak:
        return "the new key is short, or has few different letters."
    return ""


class Browser:
    """A browser in which a member logged in while the leaked key was the key."""

    def __init__(self, host: Host, visitor: Visitor, service: Service) -> None:
        self.site = Site(host, visitor, service)
        self._name, self._value = "", ""

    def with_session(self, service: Service, member: Member, leaked: str) -> "Browser":
        """Give it such a session."""
        self._name, self._value = service.ask(OLD_SESSION, name=member.name, key=leaked)
        return self

    def logged_in(self) -> bool:
        """Whether the member's own page is shown. An answer that brings another cookie
        is heeded, as browsers do."""
        words = f"{self._name}={self._value}"
        cookie = ("--cookie", words) if self._value else ()
        answer = self.site.get("/accounts/", *cookie)
        if f"{self._name}=" in answer.headers.get("set-cookie", ""):
            self._value = ""  # curl keeps the new one
        return answer.status == 200


@pytest.fixture
def browser(
    host: Host, as_root: None, visitor: Visitor, service: Service
) -> Iterator[Callable[[], Browser]]:
    """Makes browsers, which leave nothing behind."""
    made: list[Browser] = []

    def make() -> Browser:
        made.append(Browser(host, visitor, service))
        return made[-1]

    yield make
    for one in made:
        one.site.close()


def planned(host: Host) -> str:
    """The owner's timer that has run already, and may have ended the old key."""
    return next((timer.name for timer in ahead.timers(host) if timer.has_run), "")


@guard
@disturbs("data")
@needs("test_the_leak_is_proven")
def test_members_stay_logged_in(
    host: Host,
    service: Service,
    member: Member | str,
    leaked: str,
    browser: Callable[[], Browser],
) -> None:
    """Who was logged in before stays so: the old key still counts, until its end."""
    found = member if isinstance(member, str) else ""
    if isinstance(member, Member) and leaked:
        one = browser().with_session(service, member, leaked)
        if not one.logged_in():
            found = "a member who logged in before the key changed is sent to the "
            found += "login page."
            if planned(host):
                return  # as planned, the old key has ended
        elif not one.logged_in():
            found = "a member who logged in before the key changed was let in once, "
            found += "and sent to the login page at the next click."
    expect(
        not found,
        wanted="a session of the time before is good until the old key's end, and is "
        "carried over to the new key when its member comes by.",
        found=found,
        why="a key that ends at once throws everybody out, the author of a half "
        "written notice as well. How long that may wait is to be decided, and not to "
        "happen.",
        look="SECRET_KEY_FALLBACKS in the settings: does it hold the key that was in "
        "SECRET_KEY at the start?",
    )


@disturbs("restart")
@needs("test_the_key_is_new", "test_members_stay_logged_in")
def test_the_old_key_ends_by_itself(
    host: Host,
    service: Service,
    member: Member | str,
    leaked: str,
    browser: Callable[[], Browser],
) -> None:
    """Within a day the old key ends by itself; who came by meanwhile stays."""
    found = member if isinstance(member, str) else ""
    if not leaked:
        found = found or no_key(host)
    if isinstance(member, Member) and not found:
        came, away = (browser().with_session(service, member, leaked) for _ in range(2))
        if came.logged_in():
            found = _at_the_end(host, service, leaked, came, away)
    expect(
        not found,
        wanted="within a day, with no hand on it and whatever boots come between, the "
        "old key counts no more; members who came by meanwhile are still logged in.",
        found=found,
        why="as long as the leaked key is a fallback, what a stranger signs with it is "
        "taken for the site's own. What is to be done by hand one day is forgotten.",
        look="systemctl list-timers; what the timer starts, with systemctl cat; "
        "whether that restarts the board, whose processes keep what they have read. "
        "Where the settings know a date: RuntimeMaxSec= of the board, which has to be "
        "over between that date and a day from now, wherever a boot falls.",
    )


def _at_the_end(
    host: Host, service: Service, leaked: str, came: Browser, away: Browser
) -> str:
    """What is wrong a day later; "" for nothing."""
    places = {service.ask(SETTINGS_FILE)}
    places |= set(host.run(HOLDERS, leaked).stdout.splitlines())
    directories = {place.rpartition("/")[0] for place in places}
    with ahead.a_day_later(host, *sorted(directories), unit=service.unit) as due:
        seen = service.settled()
        if not seen.listening:
            return f"after {_names(due)} had run, {board.last_words(seen)}"
        if away.logged_in():
            return _still(host, service, leaked, due)
        if not came.logged_in():
            return (
                "the old key had ended, and a member who had come by before was "
                "logged out as well."
            )
    return ""


def _still(host: Host, service: Service, leaked: str, due: list[ahead.Ran]) -> str:
    """Why the old key counts still; "" where the settings themselves know its end, and
    the board is sure to read them again between that and a day from now."""

    def counts(seconds: float) -> bool:
        return bool(service.ask(LATER, leaked=leaked, seconds=seconds))

    again = [ran.timer.due or 0 for ran in due if ran.restarted]
    most = host.run("systemctl show -P RuntimeMaxUSec %s", service.unit).stdout.strip()
    said = host.run("systemd-analyze timespan %s", most).stdout
    if known := re.search(r"(?:μs|us): (\d+)", said):
        # A boot between may shift when it is over, so that only its length is sure.
        again.append(ahead.DAY - int(known[1]) / 1e6)
    if any(seconds >= 0 and not counts(seconds) for seconds in again):
        return ""
    found = "a session that the old key signed was still good."
    if due:
        found = f"{_names(due)}, due within a day, had run, and {found}"
    if not counts(0):
        found += " The settings have the old key no more: the running processes do."
    elif not counts(ahead.DAY):
        found += (
            " The settings know the old key's end, and nothing is sure to start the "
            "board anew between that and a day from now: RuntimeMaxUSec of "
            f"{service.unit} is {most}."
        )
    elif not due:
        gone = [timer.name for timer in ahead.timers(host) if not timer.stays]
        if gone:
            found = f"{gone[0]} is due, and is gone after the next boot: "
            return found + "systemd-run made it."
        return "no timer that you made is due within a day."
    return found


def _names(due: list[ahead.Ran]) -> str:
    return " and ".join(ran.timer.name for ran in due) or "nothing"


@guard
@needs("test_site_answers")
def test_earlier_labs_still_hold(host: Host, service: Service, site: Site) -> None:
    """What was won before still holds: own user, closed secrets, styles, logs."""
    service_user.all_kept(host, service, site)
    files.styles_are_there(site)
    board.requests_are_logged(host, service, site)


@disturbs("reboot")
@needs(
    "test_missing_page_tells_nothing",
    "test_error_tells_nothing",
    "test_unknown_host_tells_nothing",
    "test_failing_upload_tells_nothing",
    "test_reports_hold_no_key",
    "test_the_old_key_ends_by_itself",
    "test_earlier_labs_still_hold",
)
def test_it_survives_a_reboot(
    host: Host,
    service: Service,
    member: Member | str,
    leaked: str,
    reboot: Callable[[], None],
    request: pytest.FixtureRequest,
) -> None:
    """All of this is still true after a reboot."""
    reboot()
    site = request.getfixturevalue("site")
    known = request.getfixturevalue("known")
    with still_after(
        "a reboot",
        why="a process reads the settings when it starts: what you edited since the "
        "last restart counts from the next boot on.",
        look="what starts at boot: systemctl list-unit-files --state=enabled.",
    ):
        test_site_answers(service, site)
        test_missing_page_tells_nothing(site, known)
        test_unknown_host_tells_nothing(site, known)
        test_reports_hold_no_key(service, leaked, known)
        test_the_key_is_new(host, service, site, member, leaked)
        test_earlier_labs_still_hold(host, service, site)

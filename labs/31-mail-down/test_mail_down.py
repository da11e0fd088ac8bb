"""Lab 31: what does it cost the site when its mail provider is down?"""

import time
import uuid
from collections import Counter
from collections.abc import Callable, Collection
from typing import NamedTuple

import pytest
from testinfra.host import Host

from labkit.checks import (
    board,
    disturbs,
    expect,
    files,
    guard,
    needs,
    postgresql,
    service_user,
    still_after,
)
from labkit.checks.fixtures import Visitor
from labkit.checks.mail import Mail, Mailbox, password_is_private
from labkit.checks.service import Service
from labkit.checks.site import Response, Site

PAGE = "/staff/fail/"
ERROR = "DeliberateError"
LOGIN = "/accounts/login/"

# An answer may take so many seconds, and a few times what an idle site needs for a
# small page: computers differ.
SECONDS, TIMES = 2, 5

# So many errors of one page happen in the outage, and at most so many mails come of it.
ERRORS, MOST = 20, 10

# So long is the provider away, and so long after its return a mail may still take.
AWAY, LATE = 12, 60

# A queue tries again every twenty seconds at least, and then a second mail comes.
NEXT_TRY = 22

# From lab 30: after so many seconds an error is mailed again.
SURELY_AGAIN = 38

# As many at once as take every worker of a small site, each with more files than Django
# takes: an error of its own, which no limit has seen yet.
AT_ONCE, FILES = 6, 101

LOOK = (
    "ask for the page with the provider away, and time it: /opt/lab/letterbox/mode "
    "off (or silent, or on). The end of journalctl --unit board says what the worker "
    "did meanwhile."
)


class Visit(NamedTuple):
    """A request: what was asked, the answer, whether its status is right, and how many
    seconds it took."""

    asked: str
    answer: Response
    right: bool
    seconds: float

    def __str__(self) -> str:
        return (
            f"{self.asked} was answered with {self.answer}, after {self.seconds:.1f} s."
        )

    @property
    def wrong(self) -> str:
        """What is wrong with the answer itself; "" for nothing."""
        return "" if self.right else str(self)


class Outage(NamedTuple):
    """What came of an outage.

    `refused` are the visits while connections were refused, `silent` those while they
    were taken and nothing was said; an answer might take `allowed` seconds, and a form
    with as many files as Django takes took `form` before. `tokens` are in the addresses
    of the failing pages. `mails` came once the provider was back, and `refusals` are
    its words.
    """

    allowed: float
    form: float
    refused: list[Visit]
    silent: list[Visit]
    tokens: list[str]
    mails: list[Mail]
    refusals: list[str]

    @property
    def late_when_refused(self) -> str:
        """The first visit then that was answered wrongly or too late; "" for none."""
        return _late(self.refused, self.allowed)

    @property
    def late_in_silence(self) -> str:
        """The same of the visits in silence. The errors under way are work as well:
        each reads a form, and then fails as the page did when nobody had to wait."""
        work = AT_ONCE * (self.form + self.refused[0].seconds)
        return _late(self.silent, self.allowed + work)


def _late(visits: list[Visit], allowed: float) -> str:
    late = (str(one) for one in visits if one.wrong or one.seconds > allowed)
    return next(late, "")


class Staff:
    """Somebody of the staff, who takes the time of each answer."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.tokens: list[str] = []

    def _visit(
        self, asked: str, right: Collection[int], path: str, *options: str
    ) -> Visit:
        began = time.monotonic()
        answer = self._site.get(path, *options)
        seconds = time.monotonic() - began
        return Visit(asked, answer, answer.status in right, seconds)

    def fail(self) -> Visit:
        """Ask for the page that fails, with a new token in the address."""
        self.tokens.append(uuid.uuid4().hex)
        path = f"{PAGE}?labkit={self.tokens[-1]}"
        return self._visit(PAGE, {500}, path)

    def ask_for_a_stranger(self) -> Visit:
        """Ask for a name that the site does not have. nginx may hang up on it."""
        host = f"Host: labkit-{uuid.uuid4().hex[:8]}.test"
        asked = "a request with a wrong Host"
        refused = {0, *range(300, 500)}
        return self._visit(asked, refused, "/", "--header", host)

    def good(self) -> Visit:
        """Ask for a page that does not fail."""
        return self._visit("/health/", {200}, "/health/")

    def send_enough(self) -> float:
        """Send a form with as many files as Django takes; the seconds of its answer."""
        form = self._form(FILES - 1)
        began = time.monotonic()
        self._site.get(LOGIN, *form)
        return time.monotonic() - began

    def send_too_much(self) -> None:
        """Send a few forms at once, which Django refuses with an error."""
        form = self._form(FILES)
        for _ in range(AT_ONCE):
            self._site.ask(LOGIN, *form)

    def _form(self, files: int) -> list[str]:
        """curl's options for it, the form's cookie being there."""
        self._site.get(LOGIN)
        file = self._site.file("dot.png", board.PNG)
        return [word for n in range(files) for word in ("--form", f"f{n}=@{file}")]


@pytest.fixture(scope="module")
def memory() -> dict[str, Outage | str]:
    """What came of the outage, for all the checks."""
    return {}


@pytest.fixture
def outage(
    memory: dict[str, Outage | str], staff: str, site: Site, mailbox: Mailbox
) -> Outage | str:
    """Errors while the provider is away, and what came when it was back; or why there
    are none."""
    if "outage" not in memory:
        memory["outage"] = staff or have_an_outage(Staff(site), mailbox)
    return memory["outage"]


def have_an_outage(one: Staff, mailbox: Mailbox) -> Outage:
    """First connections are refused, then there is silence, then the provider is back.

    Where an error is answered wrongly, what would come later is left out.
    """
    mailbox.wait_for_calm(ERROR, SURELY_AGAIN)
    allowed = SECONDS + TIMES * one.good().seconds
    form = one.send_enough()
    with mailbox.outage("off"):
        since = mailbox.now()
        refused = [one.fail(), one.ask_for_a_stranger()]
        mailbox.turn("silent")
        one.send_too_much()
        silent = [one.fail(), one.good()]
        seen = Outage(allowed, form, refused, silent, one.tokens, [], [])
        if seen.late_when_refused or seen.late_in_silence:
            return seen
        for _ in range(ERRORS - len(one.tokens)):
            one.fail()
        time.sleep(max(since + AWAY - mailbox.now(), 0))
    mails, refusals = later(mailbox, since, NEXT_TRY)
    return seen._replace(mails=mails, refusals=refusals)


def later(mailbox: Mailbox, since: float, quiet: float) -> tuple[list[Mail], list[str]]:
    """The mails about the failing page, and what the provider refuses: waits for
    either, and then until nothing more has come for `quiet` seconds."""
    deadline = time.monotonic() + LATE
    while time.monotonic() < deadline:
        if mailbox.refusals(since) or about_the_page(mailbox, since):
            break
        time.sleep(0.5)
    many = -1
    while many != (now := len(mailbox.mails(since))):
        many = now
        time.sleep(quiet)
    return about_the_page(mailbox, since), mailbox.refusals(since)


def about_the_page(mailbox: Mailbox, since: float) -> list[Mail]:
    """The mails that tell the failing page's error."""
    return [mail for mail in mailbox.mails(since) if ERROR in mail.everything]


def objection(tokens: list[str], mails: list[Mail], refusals: list[str]) -> str:
    """What is wrong with the mails that came of these errors; "" for nothing."""
    happened = f"{len(tokens)} errors happened while the provider was away"
    if not mails:
        said = "; ".join(dict.fromkeys(refusals))
        found = f"{happened}; {LATE} s after it was back, no mail had come."
        return f"{found} It refused: {said}." if said else found
    if len(mails) > MOST:
        return (
            f"{happened}, all the same, and {len(mails)} mails came when it was back."
        )
    known = Counter(str(mail.message["Message-ID"] or mail.raw) for mail in mails)
    told = Counter(
        token for token in tokens for mail in mails if token in mail.everything
    )
    if max([*known.values(), *told.values()]) > 1:
        return "the same error came twice by mail when the provider was back."
    return ""


@guard
def test_site_answers(service: Service, site: Site) -> None:
    """The site answers: its home page, and its word on its own health."""
    postgresql.answers(service, site)


@disturbs("data")
@needs("test_site_answers")
def test_refused_mail_costs_nobody(outage: Outage | str) -> None:
    """With the provider off, a failing page is a 500 and a wrong Host a 400, soon."""
    found = outage if isinstance(outage, str) else outage.late_when_refused
    expect(
        not found,
        wanted=f"while the provider refuses connections, {PAGE} is answered with 500 "
        f"and a wrong Host with 400, each within {SECONDS} s.",
        found=found,
        why="with MAILERS, a report that can't be sent is an error of its own, and "
        "whoever met the first one gets no answer. Robots try wrong names all day.",
        look=LOOK,
    )


@disturbs("data")
@needs("test_refused_mail_costs_nobody")
def test_silence_holds_nobody(outage: Outage | str) -> None:
    """With a provider that says nothing, a few errors do not bring the site to rest."""
    found = outage if isinstance(outage, str) else outage.late_in_silence
    expect(
        not found,
        wanted=f"while the provider takes connections and says nothing, {AT_ONCE} "
        f"errors at once, here forms with {FILES} files, hold up neither {PAGE} nor a "
        f"good page: {SECONDS} s, beside the time that their work takes.",
        found=found and f"with {AT_ONCE} such errors under way, {found}",
        why="a refusal comes at once. Silence is what a network that loses packets "
        "looks like, and each worker waits as long as its timeout, or for ever.",
        look=LOOK,
    )


@disturbs("data")
@needs("test_silence_holds_nobody")
def test_the_mail_comes_later(outage: Outage | str) -> None:
    """When the provider is back, the mail about the errors comes, each of them once."""
    if isinstance(outage, str):
        found = outage
    else:
        found = objection(outage.tokens, outage.mails, outage.refusals)
    expect(
        not found,
        wanted=f"of {ERRORS} errors in an outage a mail comes, {LATE} s at most after "
        f"the provider is back; none comes twice, and at most {MOST} come.",
        found=found,
        why="what fails in the night of an outage is what you want to know in the "
        "morning. And a queue without a limit pours out all at once.",
        look="what waits: mailq, or the place of your queue; what its program says: "
        "journalctl --since -5min; what the provider has refused: letterbox.",
    )


@guard
@needs("test_site_answers")
def test_the_password_is_private(host: Host) -> None:
    """No account that has no part in it can read the password of the provider."""
    password_is_private(host)


@guard
@needs("test_site_answers")
def test_earlier_labs_still_hold(host: Host, service: Service, site: Site) -> None:
    """What was won before still holds: own user, closed code, secrets, logs, styles."""
    service_user.all_kept(host, service, site)
    board.requests_are_logged(host, service, site)
    files.styles_are_there(site)


@disturbs("reboot")
@needs(
    "test_the_mail_comes_later",
    "test_the_password_is_private",
    "test_earlier_labs_still_hold",
)
def test_it_survives_a_reboot(
    host: Host,
    service: Service,
    staff: str,
    site: Site,
    visitor: Visitor,
    mailbox: Mailbox,
    reboot: Callable[[], None],
) -> None:
    """After a reboot in the outage the site answers, and what waited still comes."""
    mailbox.wait_for_calm(ERROR, SURELY_AGAIN)
    someone = Staff(site)
    with mailbox.outage("silent"):
        since = mailbox.now()
        found = staff or someone.fail().wrong
        reboot()
        # What the visitor had in /run is gone.
        again = Site(host, visitor, service)
        with still_after(
            "a reboot",
            why="an outage may last longer than the server runs.",
            look="what starts at boot: systemctl list-unit-files --state=enabled.",
        ):
            test_site_answers(service, again)
            again.close()
    mails, refusals = later(mailbox, since, quiet=5)
    found = found or objection(someone.tokens, mails, refusals)
    expect(
        not found,
        wanted="an error in an outage comes by mail when the provider is back, also "
        "when the server was rebooted meanwhile.",
        found=found and f"after a reboot in the outage: {found}",
        why="what lies in memory, in /run or in /tmp is gone at the next power cut.",
        look="where your queue keeps its mails, and what starts at boot: systemctl "
        "list-unit-files --state=enabled.",
    )

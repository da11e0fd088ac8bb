"""Lab 31: what does it cost the site when its mail provider is down?"""

import time
import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

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
from labkit.checks.mail import Mail, Mailbox, password_is_private
from labkit.checks.service import Service
from labkit.checks.site import Response, Site

PAGE = "/staff/fail/"
ERROR = "DeliberateError"

# An answer may take so many seconds, and a few times what an idle site needs for a
# small page: computers differ.
SECONDS, TIMES = 2, 5

# In an outage so many errors happen, and at most so many mails come of them.
ERRORS, MOST = 20, 10

# So long is the provider off, and so long after its return a mail may still take.
OFF, LATE = 12, 75

# From lab 30: after so many seconds an error is mailed again.
SURELY_AGAIN = 68

# As many at once as take every worker of a small site.
AT_ONCE = 6

LOOK = (
    "ask for the page with the provider away, and time it: /opt/lab/letterbox/mode "
    "off (or silent, or on). The end of journalctl --unit board says what the worker "
    "did meanwhile."
)


class Visit(NamedTuple):
    """A request: what was asked, the answer, and how many seconds it took."""

    asked: str
    answer: Response
    seconds: float


class Errors(NamedTuple):
    """What came of errors while the provider was away.

    `allowed` is how many seconds an answer might take; `tokens` are in the addresses
    of the failing pages, one in each.
    """

    since: float
    allowed: float
    visits: list[Visit]
    tokens: list[str]

    @property
    def slow(self) -> str:
        """The first that was not answered as it should, or too late; "" for none."""
        for asked, answer, seconds in self.visits:
            wrong = answer.status >= 500 if "Host" in asked else answer.status != 500
            if wrong:
                return f"{asked} was answered with {answer}, after {seconds:.1f} s."
            if seconds > self.allowed:
                return f"{asked} was answered with {answer}, but after {seconds:.1f} s."
        return ""


class Later(NamedTuple):
    """What came by mail, and how the provider was asked, once it was back."""

    mails: list[Mail]
    refusals: list[str]


def visit(site: Site, asked: str, path: str, *options: str) -> Visit:
    """Ask for a page, and take the time."""
    began = time.monotonic()
    answer = site.get(path, *options)
    return Visit(asked, answer, time.monotonic() - began)


def pace(site: Site) -> float:
    """How many seconds an answer may take."""
    return SECONDS + TIMES * visit(site, "", "/health/").seconds


def fail(site: Site, tokens: list[str]) -> Visit:
    """Ask for the page that fails, with a new token in the address."""
    tokens.append(uuid.uuid4().hex)
    return visit(site, PAGE, f"{PAGE}?labkit={tokens[-1]}")


def stranger() -> tuple[str, str]:
    """curl's option for a name that the site does not have."""
    return "--header", f"Host: labkit-{uuid.uuid4().hex[:8]}.test"


@pytest.fixture(scope="module")
def memory() -> dict[str, Any]:
    """What came of the two outages, for all the checks."""
    return {}


@pytest.fixture
def outage(
    memory: dict[str, Any],
    staff: str,
    site: Site,
    mailbox: Mailbox,
) -> tuple[Errors, Later] | str:
    """Errors while the provider refuses connections, and what came when it was back;
    or why there are none."""
    if "off" not in memory:
        memory["off"] = staff or _off(site, mailbox)
    seen: tuple[Errors, Later] | str = memory["off"]
    return seen


def _off(site: Site, mailbox: Mailbox) -> tuple[Errors, Later]:
    mailbox.wait_for_calm(ERROR, SURELY_AGAIN)
    allowed, tokens = pace(site), list[str]()
    with mailbox.outage("off"):
        since = mailbox.now()
        visits = [fail(site, tokens)]
        visits.append(visit(site, "a request with a wrong Host", "/", *stranger()))
        visits += [fail(site, tokens) for _ in range(ERRORS - 1)]
        rest = since + OFF - mailbox.now()
        time.sleep(max(rest, 0))
    return Errors(since, allowed, visits, tokens), _later(mailbox, since)


def _later(mailbox: Mailbox, since: float) -> Later:
    """Wait for mails about the failing page, and a little for more of them."""
    deadline = time.monotonic() + LATE
    while time.monotonic() < deadline:
        refusals = mailbox.refusals(since)
        if refusals or about_the_page(mailbox, since):
            break
        time.sleep(0.5)
    time.sleep(5)  # others that wait come on the same errand
    return Later(about_the_page(mailbox, since), mailbox.refusals(since))


def about_the_page(mailbox: Mailbox, since: float) -> list[Mail]:
    """The mails that tell the failing page's error."""
    return [mail for mail in mailbox.mails(since) if ERROR in mail.everything]


def objection(errors: Errors, later: Later) -> str:
    """What is wrong with the mails that came; "" for nothing."""
    mails = later.mails
    if not mails:
        refused = list(dict.fromkeys(later.refusals))
        said = f" It refused: {'; '.join(refused)}." if refused else ""
        found = f"{len(errors.tokens)} errors happened while the provider was away; "
        return f"{found}{LATE} s after it was back, no mail had come.{said}"
    if len(mails) > MOST:
        return (
            f"{len(errors.tokens)} errors, all the same, happened while the provider "
            f"was away, and {len(mails)} mails came when it was back."
        )
    same = Counter(str(mail.message["Message-ID"] or mail.raw) for mail in mails)
    told = Counter(
        token for token in errors.tokens for mail in mails if token in mail.everything
    )
    if max(same.values()) > 1 or max(told.values(), default=0) > 1:
        return "the same error came twice by mail when the provider was back."
    return ""


@guard
def test_site_answers(service: Service, site: Site) -> None:
    """The site answers: its home page, and its word on its own health."""
    postgresql.answers(service, site)


@guard
@disturbs("data")
@needs("test_site_answers")
def test_refused_mail_costs_nobody(outage: tuple[Errors, Later] | str) -> None:
    """With the provider off, a failing page is a 500, a wrong Host a 400, and at once."""
    found = outage if isinstance(outage, str) else outage[0].slow
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
def test_the_mail_comes_later(outage: tuple[Errors, Later] | str) -> None:
    """When the provider is back, the mail about the errors comes, each of them once."""
    found = outage if isinstance(outage, str) else objection(*outage)
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


@pytest.fixture
def silence(
    memory: dict[str, Any],
    staff: str,
    site: Site,
    mailbox: Mailbox,
) -> Errors | str:
    """Errors while the provider says nothing, which lasts; or why there are none."""
    if "silent" not in memory:
        memory["silent"] = staff or _silent(site, mailbox)
    seen: Errors | str = memory["silent"]
    return seen


def _silent(site: Site, mailbox: Mailbox) -> Errors:
    mailbox.wait_for_calm(ERROR, SURELY_AGAIN)
    allowed, tokens = pace(site), list[str]()
    mailbox.turn("silent")
    since = mailbox.now()
    robots = [site.ask("/", *stranger()) for _ in range(AT_ONCE)]
    visits = [fail(site, tokens), visit(site, "/health/", "/health/")]
    for robot in robots:
        robot.response()
    return Errors(since, allowed, visits, tokens)


@disturbs("data")
@needs("test_the_mail_comes_later")
def test_silence_holds_nobody(silence: Errors | str) -> None:
    """With a provider that says nothing, a few robots do not bring the site to rest."""
    found = silence if isinstance(silence, str) else ""
    if isinstance(silence, Errors):
        page, health = silence.visits
        found = silence._replace(visits=[page]).slow
        if not found and health.answer.status != 200:
            found = f"/health/ was answered with {health.answer}."
        elif not found and health.seconds > silence.allowed:
            found = f"/health/ was answered after {health.seconds:.1f} s."
        found = found and f"with {AT_ONCE} wrong Hosts at once, {found}"
    expect(
        not found,
        wanted=f"while the provider takes connections and says nothing, {AT_ONCE} "
        f"requests with a wrong Host hold up neither {PAGE} nor a good page.",
        found=found,
        why="a refusal comes at once. Silence is what a network that loses packets "
        "looks like, and each worker waits as long as its timeout, or for ever.",
        look=LOOK,
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
    "test_silence_holds_nobody",
    "test_the_password_is_private",
    "test_earlier_labs_still_hold",
)
def test_it_survives_a_reboot(
    silence: Errors | str,
    host: Host,
    service: Service,
    mailbox: Mailbox,
    reboot: Callable[[], None],
    request: pytest.FixtureRequest,
) -> None:
    """After a reboot in the outage the site answers, and what waited still comes."""
    reboot()
    with still_after(
        "a reboot",
        why="what lies in memory, in /run or in /tmp is gone at the next power cut, "
        "and an outage is when one happens to reboot.",
        look="where your queue keeps its mails, and what starts at boot.",
    ):
        test_site_answers(service, request.getfixturevalue("site"))
        mailbox.turn("on")
        assert isinstance(silence, Errors)
        later = _later(mailbox, silence.since)
        test_the_mail_comes_later((silence, later))
        test_the_password_is_private(host)

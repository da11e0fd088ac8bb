"""Lab 30: does an error reach somebody, once, readable, and without a secret?"""

import re
import secrets
import time
from collections.abc import Callable
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
from labkit.checks.mail import Mail, Mailbox, password_is_private
from labkit.checks.service import Service
from labkit.checks.site import Response, Site

PAGE = "/staff/fail/"
ERROR = "DeliberateError"

# So many errors, one after the other, and so many mails at most.
FLOOD, MOST = 60, 10

# After so many seconds the same error may be mailed again; a little is added, since
# each process of the site may count for itself.
AGAIN = 30
SURELY_AGAIN = AGAIN + 8

# How many errors of the page the logs of the service tell with their traceback: in the
# journal, or in the files that its processes write.
TRACEBACKS = (
    "{ journalctl --sync; journalctl --unit board --since @%s --output cat; "
    "for file in %s; do cat $file; done; } | grep -c '^[A-Za-z_.]*" + ERROR + ": '"
)

# The last line of the last traceback in the journal that is of something else.
SENDING = (
    "journalctl --unit board --since @%s --output cat | "
    "grep -E '^[A-Za-z_.]+(Error|Exception|Refused|Disconnected|Unsupported): ' | "
    "grep -v " + ERROR + " | tail -n 1"
)

LIMIT = "the handler of the mails: which filters it has, and what they count"


class Failed(NamedTuple):
    """What came of asking for the page that fails: since when, by the server's clock,
    the answer, the mails, the provider's refusals, what the log says of the sending,
    and what must stay secret."""

    since: float
    answer: Response
    mails: list[Mail]
    refusals: list[str]
    trouble: str
    secrets: dict[str, str]


def fail_once(host: Host, site: Site, mailbox: Mailbox) -> Failed:
    """Post to the page that fails, with passwords; what came of it."""
    mailbox.wait_for_calm(ERROR, SURELY_AGAIN)
    sent = {
        "note": "labkit",
        "password": secrets.token_hex(12),
        "new_password2": secrets.token_hex(12),
    }
    page = site.get("/staff/")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
    sent["csrfmiddlewaretoken"] = token[1] if token else ""
    options = ["--referer", f"{site.base}/staff/"]
    for name, value in sent.items():
        options += ["--form-string", f"{name}={value}"]
    since = mailbox.now()
    answer = site.get(PAGE, *options)
    mails = mailbox.arrived(since)
    hidden = {
        "the form's field `password`": sent["password"],
        "the form's field `new_password2`": sent["new_password2"],
    }
    hidden |= {f"the cookie `{name}`": value for name, value in site.cookies().items()}
    said = host.run("sh -c %s", SENDING % f"{since:.3f}").stdout.strip(" .\n")
    known = {what: value for what, value in hidden.items() if value}
    return Failed(since, answer, mails, mailbox.refusals(since), said, known)


@pytest.fixture(scope="module")
def memory() -> dict[str, Failed | str]:
    """What came of the page the first time: a limit would hide the second mail."""
    return {}


@pytest.fixture
def failed(
    memory: dict[str, Failed | str],
    host: Host,
    service: Service,
    mailbox: Mailbox,
    request: pytest.FixtureRequest,
) -> Failed | str:
    """What came of one failing page, for all the checks; or why there is none."""
    if "once" not in memory:
        memory["once"] = request.getfixturevalue("failed_again")
    return memory["once"]


@pytest.fixture
def failed_again(staff: str, host: Host, site: Site, mailbox: Mailbox) -> Failed | str:
    """What comes of the failing page now; or why it could not be asked for."""
    return staff or fail_once(host, site, mailbox)


@guard
def test_site_answers(service: Service, site: Site) -> None:
    """The site answers: its home page, and its word on its own health."""
    postgresql.answers(service, site)


@guard
@disturbs("data")
@needs("test_site_answers")
def test_visitors_get_a_500(failed: Failed | str) -> None:
    """Whoever meets the failing page gets a 500, and the board's own page for it."""
    found = failed if isinstance(failed, str) else ""
    if isinstance(failed, Failed):
        answer = failed.answer
        if answer.status != 500:
            found = f"{PAGE} was answered with {answer}. {_refused(failed)}".strip()
        elif ERROR in answer.text:
            found = f"{PAGE} was answered with 500, and the page tells the error."
    expect(
        not found,
        wanted="a page that fails is answered with 500 and the board's page for "
        "errors, and tells the visitor nothing of the error.",
        found=found,
        why="an error in a page is bad luck for one visitor. If the report of it fails "
        "as well, the worker may give no answer at all.",
        look="the end of journalctl --unit board: the last traceback there is that of "
        "sending, if sending fails. `manage.py sendtestemail --admins` tries it alone.",
    )


def _refused(failed: Failed) -> str:
    said = list(dict.fromkeys(failed.refusals))
    if said:
        return f"The provider refused: {'; '.join(said)}."
    return f"The log's last word: {failed.trouble}." if failed.trouble else ""


@disturbs("data")
@needs("test_site_answers")
def test_errors_are_in_the_log(
    host: Host, service: Service, failed: Failed | str
) -> None:
    """An error's traceback is in the log of the service."""
    found = failed if isinstance(failed, str) else ""
    if isinstance(failed, Failed) and not _tracebacks(host, service, failed.since):
        found = f"{PAGE} has failed, and neither the journal of board.service nor a "
        found += f"file that it writes has a traceback with {ERROR} since."
    expect(
        not found,
        wanted="when a page fails, its traceback is in the journal of board.service, "
        "or in a log file of its own.",
        found=found,
        why="mail can be lost, and a limit on mails holds some of them back. The log "
        "has to have them all.",
        look="LOGGING: by default, Django's handler `console` is silent while DEBUG is "
        "off. logging.StreamHandler writes to standard error, which the journal has.",
    )


def _tracebacks(host: Host, service: Service, since: float) -> int:
    """How many tracebacks of the page's error there are in the logs since then."""
    opened = host.run("sh -c %s %s", board.OPEN_FILES, service.unit).stdout.split()
    script = TRACEBACKS % (f"{since:.3f}", " ".join(opened))
    return int(host.run("sh -c %s", script).stdout or 0)


@disturbs("data")
@needs("test_site_answers", "test_visitors_get_a_500")
def test_one_error_one_mail(failed: Failed | str) -> None:
    """One failing page brings exactly one mail to the mailbox, within ten seconds."""
    found = failed if isinstance(failed, str) else ""
    if isinstance(failed, Failed):
        mails = failed.mails
        if not mails:
            found = f"{PAGE} has failed, and no mail came. {_refused(failed)}".strip()
        elif len(mails) > 1:
            subjects = " and ".join(f"`{mail.subject}`" for mail in mails)
            found = f"{PAGE} has failed once, and {len(mails)} mails came: {subjects}."
        elif len(mails[0].recipients) > len(set(mails[0].recipients)):
            found = "the mail was delivered twice to the same address."
    expect(
        not found,
        wanted="one failing page brings one mail to the mailbox at the provider.",
        found=found,
        why="with none, you hear of errors from angry visitors, or never. With two for "
        "each, one begins to skip them.",
        look="what the provider has refused: sudo letterbox. ADMINS, SERVER_EMAIL, "
        "MAILERS and LOGGING as the running service has them; a restart since?",
    )


@disturbs("data")
@needs("test_one_error_one_mail")
def test_the_mail_can_be_read(failed: Failed | str) -> None:
    """The mail tells, in plain text, which page failed, with what error, and where."""
    found = failed if isinstance(failed, str) else ""
    if isinstance(failed, Failed):
        mail = failed.mails[0] if failed.mails else None
        text = mail.text if mail else ""
        lacks = [
            what
            for what, there in {
                f"the page, {PAGE}": PAGE in text,
                f"the error, {ERROR}": ERROR in text,
                "the line that raised it, in staff.py": "staff.py" in text,
            }.items()
            if not there
        ]
        if not mail:
            found = f"no mail came. {_refused(failed)}".strip()
        elif not text:
            found = f"the mail `{mail.subject}` has no part in plain text."
        elif lacks:
            found = f"the mail `{mail.subject}` does not tell {'; nor '.join(lacks)}."
        elif not re.search(f"error|fail|exception|{PAGE}", mail.subject, re.I):
            found = f"nobody can see from the subject what it is: `{mail.subject}`."
    expect(
        not found,
        wanted="the mail has a subject that says what it is, and in plain text the "
        "page that failed, the error and its traceback.",
        found=found,
        why="it is read on a telephone, at night, by somebody who can't log in there.",
        look="read it: sudo letterbox, then its number. The handler of the mails: its "
        "class, its reporter_class and its formatter.",
    )


@disturbs("data")
@needs("test_one_error_one_mail")
def test_nothing_secret_in_it(service: Service, failed: Failed | str) -> None:
    """No password of a form, no cookie and no key is in any part of the mail."""
    found = failed if isinstance(failed, str) else ""
    if isinstance(failed, Failed):
        known = {"the site's SECRET_KEY": service.ask(KEY)} | failed.secrets
        told = "\n".join(mail.everything for mail in failed.mails)
        told = told.replace("=\n", "")
        leaked = [what for what, value in known.items() if value and value in told]
        if not failed.mails:
            found = f"no mail came. {_refused(failed)}".strip()
        elif leaked:
            found = f"the mail tells what was in {', and in '.join(leaked)}."
    expect(
        not found,
        wanted="the value of a form's field whose name has `password` in it, of a "
        "cookie, or of the site's key is nowhere in the mail.",
        found=found,
        why="mail is kept for years, forwarded, and read by who repairs the telephone. "
        "A password in it is known; with a session's cookie, one is that member.",
        look="sudo letterbox, and the mail's number; --html for its other part. Django "
        "masks what a view has named with sensitive_post_parameters; "
        "DEFAULT_EXCEPTION_REPORTER_FILTER can mask by the name of the field.",
    )


KEY = "from django.conf import settings; answer = settings.SECRET_KEY"


@guard
@needs("test_site_answers")
def test_the_password_is_private(host: Host) -> None:
    """No other account can read the password of the provider."""
    password_is_private(host)


@disturbs("data")
@needs("test_one_error_one_mail", "test_errors_are_in_the_log")
def test_a_flood_stays_small(
    host: Host,
    service: Service,
    site: Site,
    mailbox: Mailbox,
    failed: Failed | str,
    staff: str,
) -> None:
    """Of sixty errors in a row each is in the log, and ten at most come by mail."""
    found = failed if isinstance(failed, str) else staff
    if isinstance(failed, Failed) and not staff:
        since = mailbox.now()
        with site.visits(PAGE) as visits:
            deadline = time.monotonic() + 120
            while visits.counted() < FLOOD and time.monotonic() < deadline:
                time.sleep(0.5)
        others = visits.statuses() - {500}
        # The first of the row was the one failing page of the checks before.
        mails = mailbox.arrived(failed.since, patience=5)
        logged = _tracebacks(host, service, since)
        if others:
            found = f"of {FLOOD} requests for {PAGE}, some got {sorted(others)}."
        elif not mails:
            found = f"of {visits.counted()} errors in a row, none came by mail."
        elif len(mails) > MOST:
            found = f"{visits.counted()} errors in a row brought {len(mails)} mails."
        elif logged < FLOOD:
            found = f"of {visits.counted()} errors in a row, {logged} are in the log."
    expect(
        not found,
        wanted=f"{FLOOD} errors in a row, all the same, bring a mail, and not more "
        f"than {MOST}; the log has each of them.",
        found=found,
        why="a page that fails for everybody fails a thousand times an hour. A "
        "thousand mails hide the other error, and a provider closes the account.",
        look=f"{LIMIT}. Each worker of Gunicorn is a process: what it counts in its "
        "memory, it counts for itself.",
    )


@disturbs("data")
@needs(
    "test_visitors_get_a_500",
    "test_the_mail_can_be_read",
    "test_nothing_secret_in_it",
    "test_the_password_is_private",
    "test_a_flood_stays_small",
    "test_earlier_labs_still_hold",
)
def test_it_comes_again(failed_again: Failed | str) -> None:
    """Half a minute after a flood, the same error brings a mail again."""
    found = failed_again if isinstance(failed_again, str) else ""
    if isinstance(failed_again, Failed) and not failed_again.mails:
        found = f"{SURELY_AGAIN} s after the last mail about it, {PAGE} has failed "
        found += f"again, and no mail came. {_refused(failed_again)}"
    expect(
        not found,
        wanted=f"an error that was mailed is mailed again if it comes {AGAIN} s later.",
        found=found.strip(),
        why="an error that was mended can come back; and of one that goes on, a mail "
        "an hour is what reminds you.",
        look=f"{LIMIT}, and for how long. In life it would be an hour: here, "
        f"{AGAIN} s at most, so that nobody has to wait.",
    )


@guard
@needs("test_site_answers")
def test_earlier_labs_still_hold(host: Host, service: Service, site: Site) -> None:
    """What was won before still holds: own user, closed code, secrets, logs, styles."""
    service_user.all_kept(host, service, site)
    board.requests_are_logged(host, service, site)
    files.styles_are_there(site)


@disturbs("reboot")
@needs("test_it_comes_again")
def test_it_survives_a_reboot(
    host: Host,
    service: Service,
    reboot: Callable[[], None],
    request: pytest.FixtureRequest,
) -> None:
    """All of this is still true after a reboot."""
    reboot()
    with still_after(
        "a reboot",
        why="what lies in /run or /tmp is gone at the next power cut.",
        look="where the password and the filters are; what starts at boot.",
    ):
        test_site_answers(service, request.getfixturevalue("site"))
        failed = request.getfixturevalue("failed_again")
        test_visitors_get_a_500(failed)
        test_errors_are_in_the_log(host, service, failed)
        test_one_error_one_mail(failed)
        test_nothing_secret_in_it(service, failed)
        test_the_password_is_private(host)

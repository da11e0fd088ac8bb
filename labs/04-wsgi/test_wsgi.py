"""Lab 04: is the application one that any WSGI server could run, for anybody?"""

import json
import time
from collections.abc import Callable

import pytest
from testinfra.host import Host

from labkit.checks import disturbs, expect, needs, still_after
from labkit.checks.wire import Answer, Wire

ADDRESS, PORT = "127.0.0.1", 8000

# How much is sent, and by how much a process may grow meanwhile. Python's own ups and
# downs are 1 to 4 MB; who keeps the body grows by 50 and more.
LARGE, ROOM_KB = 50_000_000, 20_000

# So long may a client wait on a busy computer for what takes milliseconds.
PATIENCE = 10


@pytest.fixture
def wire(host: Host, as_root: None) -> Wire:
    """The way to the learner's application."""
    return Wire(host, ADDRESS, PORT)


def settled(wire: Wire, seconds: float = 15) -> Answer:
    """The answer to the first page, once somebody listens: a start takes a moment."""
    deadline = time.monotonic() + seconds
    while True:
        answer = wire.ask("/greet/World")
        refused = answer.error == "connection refused"
        if not refused or time.monotonic() > deadline:
            return answer
        time.sleep(0.3)


def test_it_answers(wire: Wire) -> None:
    """At 127.0.0.1:8000, /greet/World greets, and an unknown path gets a 404."""
    greeting = settled(wire, 5)
    unknown = wire.ask("/no/such/page") if greeting.status else greeting
    found = []
    if not greeting.status:
        found.append(f"/greet/World: {greeting}. Listening: {wire.listeners()}.")
    elif (greeting.status, greeting.utf8.strip()) != (200, "Hello, World!"):
        found.append(f"/greet/World: {greeting}, {greeting.utf8.strip()[:60]!r}.")
    if greeting.status and unknown.status != 404:
        found.append(f"/no/such/page: {unknown}.")
    expect(
        not found,
        wanted="http://127.0.0.1:8000/greet/World is answered with 200 and the line "
        "`Hello, World!`, /no/such/page with 404.",
        found=" ".join(found),
        why="it is by this address that the checks find your application; what serves "
        "it, and from where, is yours to choose.",
        look="whether it runs, and what it said last: ss -ltnp, and journalctl --unit "
        "with the name of your unit. By hand: curl --verbose "
        "http://127.0.0.1:8000/greet/World. Where a connection is made and nothing "
        "comes, it is kept busy: top.",
    )


@needs("test_it_answers")
def test_environ_is_echoed(wire: Wire) -> None:
    """/environ gives the strings of environ as the server handed them over, as JSON."""
    target = "/environ/a%2Fb/caf%C3%A9?q=1%2F2&empty="
    answer = wire.ask(target, "X-Twice: first", "X-Twice: second")
    try:
        seen = json.loads(answer.utf8)
    except ValueError:
        seen = None
    if not isinstance(seen, dict):
        kind = answer.value("Content-Type") or "none"
        found = [f"{answer}, Content-Type {kind}, and no JSON object."]
    else:
        twice = [v.strip() for v in str(seen.get("HTTP_X_TWICE")).split(",")]
        told = {
            "REQUEST_METHOD": (seen.get("REQUEST_METHOD"), "GET"),
            "SCRIPT_NAME + PATH_INFO": (
                f"{seen.get('SCRIPT_NAME', '')}{seen.get('PATH_INFO')}",
                "/environ/a/b/caf\u00c3\u00a9",
            ),
            "QUERY_STRING": (seen.get("QUERY_STRING"), "q=1%2F2&empty="),
            "HTTP_X_TWICE": (", ".join(twice), "first, second"),
        }
        found = [
            f"{name} is {was!r}, not {right!r}."
            for name, (was, right) in told.items()
            if was != right
        ]
        if not answer.value("Content-Type").startswith("application/json"):
            found.append(f"its Content-Type is {answer.value('Content-Type')!r}.")
    expect(
        answer.status == 200 and not found,
        wanted=f"GET {target}, with the header X-Twice sent as `first` and again as "
        "`second`, gives a JSON object (application/json) of each string in environ, "
        "unchanged: a letter for each byte of the path.",
        found=" ".join(found) or f"{answer}.",
        why="environ is all that an application is told. It is not what the "
        "browser shows: the path is decoded, the query not, and two headers are one.",
        look=f"curl 'http://127.0.0.1:8000{target}' --header 'X-Twice: first' --header "
        "'X-Twice: second', and who changes environ on the way: your middleware may.",
    )


@needs("test_it_answers")
def test_names_in_any_script(wire: Wire) -> None:
    """/greet/NAME greets in any script, slash included; what is no UTF-8 gets a 400."""
    found = []
    for name, target in {
        "Jos\u00e9": "Jos%C3%A9",
        "AC/DC": "AC%2FDC",
        "\u4f60\u597d": "%E4%BD%A0%E5%A5%BD",
    }.items():
        answer = wire.ask(f"/greet/{target}")
        said = answer.utf8.rstrip("\n")
        if answer.status != 200 or said != f"Hello, {name}!" or not answer.whole:
            short = "" if answer.whole or not answer.status else " and then too little"
            found.append(f"/greet/{target}: {answer}, {said[:60]!r}{short}.")
        elif "utf-8" not in answer.value("Content-Type").lower():
            kind = answer.value("Content-Type")
            found.append(f"/greet/{target}: its Content-Type is {kind!r}.")
    broken = wire.ask("/greet/%FF")
    if broken.status != 400:
        found.append(f"/greet/%FF: {broken}.")
    expect(
        not found,
        wanted="/greet/Jos%C3%A9, /greet/AC%2FDC and a name in Chinese are greeted in "
        "UTF-8, with a Content-Type that says so; /greet/%FF gets a 400.",
        found=" ".join(found),
        why="WSGI hands over the bytes of a path as a string that looks like text and "
        "is none. Who prints it as it is prints nonsense, and a length counted in "
        "letters cuts the page off.",
        look="how PATH_INFO becomes text, and of what Content-Length is the length: "
        "python3 -c \"print('Jos\u00e9'.encode().decode('latin-1'))\" shows what "
        "you are handed.",
    )


@needs("test_it_answers")
def test_every_answer_has_its_number(wire: Wire) -> None:
    """Each answer, errors too, has one header X-Request-ID, each with another value."""
    targets = ["/greet/World"] * 2 + ["/no/such/page", "/environ", "/cookies"]
    targets += ["/dots/10", "/crash", "/crash/begun"]
    found, seen = [], dict[str, list[str]]()
    for target in targets:
        answer = wire.ask(target)
        numbers = answer.values("X-Request-ID")
        if target == "/crash/begun":
            # Gunicorn keeps the headers that exc_info should have taken back.
            numbers = list(dict.fromkeys(numbers))
        if not answer.status:
            found.append(f"{target}: {answer}.")
        elif len(numbers) != 1 or not numbers[0].strip():
            had = " and ".join(numbers) or "none"
            found.append(f"{target} ({answer.status}): {had}.")
        else:
            seen.setdefault(numbers[0], []).append(target)
    found += [
        f"{', '.join(same)} have the same, {number}."
        for number, same in seen.items()
        if len(same) > 1
    ]
    expect(
        not found,
        wanted="exactly one X-Request-ID in each answer, with 404 and 500 too, and "
        "never the same value twice.",
        found=" ".join(found),
        why="with such a number, a visitor's complaint leads to a line in the log. An "
        "error is when that is needed.",
        look="curl --include http://127.0.0.1:8000/crash shows the headers. "
        "Where is the number made: once, or in each call? Who makes the page of a 500: "
        "your middleware, or the server around it?",
    )


@needs("test_it_answers")
def test_no_header_is_lost(wire: Wire) -> None:
    """/cookies sets two cookies, and both reach the browser."""
    answer = wire.ask("/cookies")
    cookies = [value.split(";")[0] for value in answer.values("Set-Cookie")]
    expect(
        answer.status == 200 and sorted(cookies) == ["one=1", "two=2"],
        wanted="/cookies is answered with 200 and two headers Set-Cookie, `one=1` and "
        "`two=2`.",
        found=f"{answer}, with {' and '.join(cookies) or 'no cookie'}.",
        why="headers are a list of pairs since one may come several times. A login and "
        "a language, set in one answer, are two cookies.",
        look="curl --include http://127.0.0.1:8000/cookies, and what your middleware "
        "makes of the list that it is handed.",
    )


@needs("test_it_answers")
def test_a_large_body_streams(wire: Wire) -> None:
    """50 MB sent to /upload are measured on the way, and not kept in memory."""
    answer = wire.ask(
        "/upload",
        f"Content-Length: {LARGE}",
        "Content-Type: application/octet-stream",
        method="POST",
        body=LARGE,
        measure=True,
        patience=40,
    )
    try:
        told = json.loads(answer.utf8)
        told = told if isinstance(told, dict) else {}
    except ValueError:
        told = {}
    right = (told.get("length"), told.get("sha256")) == (LARGE, answer.sent)
    found = ""
    if answer.status != 200 or not right:
        found = f"{answer}, {answer.utf8.strip()[:120]!r}."
    elif answer.grown > ROOM_KB:
        found = f"the answer is right, and a process grew by {answer.grown // 1000} MB."
    expect(
        not found,
        wanted=f"POST /upload with {LARGE} bytes gives JSON with their `length` and "
        f"`sha256`, and no process grows by more than {ROOM_KB // 1000} MB meanwhile.",
        found=found,
        why="ten visitors with 50 MB each are 500 MB. When memory ends, the kernel "
        "kills a process, and it chooses.",
        look="how much you ask of wsgi.input at once, and what you keep: grep VmHWM "
        "/proc/NUMBER/status, before and after an upload of your own, is the most that "
        "process NUMBER has had.",
    )


@needs("test_it_answers")
def test_a_large_answer_streams(wire: Wire) -> None:
    """/dots/50000000 sends so many bytes, and has no more than a few in memory."""
    answer = wire.ask(f"/dots/{LARGE}", measure=True, patience=40)
    found = ""
    if answer.status != 200 or answer.length != LARGE or answer.error:
        found = f"{answer}, {answer.length} bytes."
    elif answer.grown > ROOM_KB:
        found = f"{LARGE} bytes came, and a process grew by {answer.grown // 1000} MB."
    expect(
        not found,
        wanted=f"/dots/{LARGE} is answered with 200 and {LARGE} bytes, and no process "
        f"grows by more than {ROOM_KB // 1000} MB meanwhile.",
        found=found,
        why="the answer is an iterable so that a report or a film need not be in "
        "memory as a whole. One middleware that makes a list of it undoes that.",
        look="who walks through the iterable: nobody but the server should, or a "
        "generator that hands on each piece. sum(), list() and join() keep all.",
    )


@needs("test_it_answers")
def test_errors_are_told(wire: Wire) -> None:
    """An exception is a 500, or a torn answer once bytes are out; all goes on after."""
    found = []
    for target in ("/crash", "/crash/begun"):
        answer = wire.ask(target)
        if answer.status != 500:
            found.append(f"{target}: {answer}.")
        elif "Traceback" in answer.text:
            found.append(f"{target}: 500, with the traceback for everybody to read.")
    torn = wire.ask("/crash/torn")
    if torn.status not in (200, 500):
        found.append(f"/crash/torn: {torn}.")
    elif torn.status == 200 and torn.whole and not torn.error:
        promised = torn.value("Content-Length") or "no length"
        found.append(
            f"/crash/torn: 200, {promised} announced, {torn.length} bytes came: it "
            "looks whole."
        )
    elif torn.status == 200 and torn.text.strip(torn.text[:1]):
        found.append("/crash/torn: 200, and something else follows the first bytes.")
    after = wire.ask("/greet/World")
    if after.status != 200:
        found.append(f"afterwards, /greet/World: {after}.")
    expect(
        not found,
        wanted="/crash and /crash/begun are answered with 500 and no traceback, "
        "/crash/torn ends before the announced end (or is a 500), and the next request "
        "is answered.",
        found=" ".join(found),
        why="a failure that looks like a page is kept by caches, believed by programs "
        "and seen by no monitoring.",
        look="curl --include http://127.0.0.1:8000/crash/torn. Who catches the "
        "exception, and what does it do when bytes are out already? PEP 3333 has "
        "exc_info for that.",
    )


@disturbs("restart")
@needs("test_it_answers", "test_a_large_body_streams")
def test_a_wrong_length_is_refused(wire: Wire) -> None:
    """A Content-Length that is no length is refused at once; nobody is held up."""
    found = []
    for length in ("-1", "abc"):
        answer = wire.ask(
            "/upload", f"Content-Length: {length}", method="POST", patience=PATIENCE
        )
        if answer.status < 400:
            found.append(f"Content-Length: {length}: {answer}.")
    answer = wire.ask("/upload", method="POST", patience=PATIENCE)
    if not answer.status:
        found.append(f"without Content-Length: {answer}.")
    after = wire.ask("/greet/World")
    if after.status != 200:
        found.append(f"afterwards, /greet/World: {after}.")
    expect(
        not found,
        wanted="POST /upload with Content-Length -1 or abc is refused (400 says it "
        f"best), and one without is answered, each within {PATIENCE} s.",
        found=" ".join(found),
        why="read(-1) reads until the client hangs up. One line from a stranger, who "
        "does not, and a server that does one thing at a time does nothing else.",
        look="what you do with environ['CONTENT_LENGTH'] before you read: it may be "
        "absent, empty, or any text at all. curl --request POST --header "
        "'Content-Length: -1' http://127.0.0.1:8000/upload",
    )


@disturbs("restart")
@needs("test_it_answers", "test_a_large_body_streams", "test_a_large_answer_streams")
def test_a_client_may_hang_up(wire: Wire) -> None:
    """Clients hang up in the middle of both ways, and the next one is answered."""
    found = []
    length, announced = "Content-Length: 1000000", f"/dots/{LARGE}"
    hangers: dict[str, Callable[[], Answer]] = {
        "sent 1,000 of the 1,000,000 bytes that it announced": lambda: wire.ask(
            "/upload", length, method="POST", body=1000, hang_up_after=0
        ),
        "read 5,000 of 50,000,000 bytes": lambda: wire.ask(
            announced, hang_up_after=5000
        ),
    }
    for what, hang_up in hangers.items():
        hang_up()
        after = [wire.ask("/greet/World", patience=PATIENCE) for _ in range(3)]
        bad = next((answer for answer in after if answer.status != 200), None)
        if bad:
            found.append(
                f"a client {what} and hung up; then /greet/World: {bad}. "
                "You may have to restart your server now."
            )
            break
    expect(
        not found,
        wanted="after a client that hung up, the next three are answered, within "
        f"{PATIENCE} s.",
        found=" ".join(found),
        why="telephones lose their network all day long. Nobody needs to mean harm.",
        look="your loop that reads: what does read() return when nothing will come any "
        "more, and does the loop end then? top shows a process that runs in a circle.",
    )


@disturbs("reboot")
@needs(
    "test_it_answers",
    "test_environ_is_echoed",
    "test_names_in_any_script",
    "test_every_answer_has_its_number",
    "test_no_header_is_lost",
    "test_a_large_body_streams",
    "test_a_large_answer_streams",
    "test_errors_are_told",
    "test_a_wrong_length_is_refused",
    "test_a_client_may_hang_up",
)
def test_it_survives_a_reboot(wire: Wire, reboot: Callable[[], None]) -> None:
    """All of this is still true after a reboot."""
    reboot()
    with still_after(
        "a reboot",
        why="what you started by hand is gone at the next power cut.",
        look="what starts at boot: systemctl list-unit-files --state=enabled.",
    ):
        settled(wire)
        test_it_answers(wire)
        test_environ_is_echoed(wire)
        test_every_answer_has_its_number(wire)
        test_errors_are_told(wire)
        test_a_large_body_streams(wire)

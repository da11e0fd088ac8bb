"""An HTTP client for the checks: curl, run on the server.

It comes from where visitors come, as soon as a web port is open to them. Before
that, it comes from the server itself to where the service listens: a port of the
loopback, or a Unix socket.
"""

import base64
import html
import re
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath

import pytest
from testinfra.host import Host

from labkit.checks.fixtures import Visitor
from labkit.checks.service import Process, Service, Unreachable

_SECONDS = 20
_SLOW_SECONDS = 50
_SLOW_LINE = 102_400  # bytes a second
# Finding out who is at work, and visiting the site meanwhile, take as long as some
# visits. Less than half a minute in all: then servers give a request up.
_LOOKS, _AT_MOST = 6, 12

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')

# Visits while a file is there, each told by its status and curl's word on an error.
_VISITS = """
cd {jar} && while [ -e {name}-going-on ]
do
    {place} curl --silent --insecure --globoff --max-time {seconds} \
        --cookie jar --output /dev/null \
        --write-out '%{{http_code}} %{{errormsg}}\\n' "$@" >>{name}
    sleep 0.1
done
"""

# The head goes to standard output, then the body as base64: it may be a picture.
_CURL = """
cd {jar} && {place} curl --silent --show-error --insecure --globoff \
    --max-time {seconds} --cookie jar --cookie-jar jar --header 'Expect:' \
    --dump-header - --output {body} "$@" && echo && base64 --wrap=0 {body}
"""


@dataclass(frozen=True)
class Response:
    """An answer: status 0 stands for none at all, and `error` is curl's word on it."""

    status: int
    headers: dict[str, str]
    body: bytes
    error: str = ""

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode(errors="replace")

    def __str__(self) -> str:
        """What it was, with the title of Django's page about an error."""
        if not self.status:
            return f"no answer ({self.error})"
        title = re.search(r"<title>(.*?)</title>", self.text, re.DOTALL)
        value = re.search(r'<pre class="exception_value">(.*?)</pre>', self.text)
        words = [part[1] for part in (title, value) if part]
        said = html.unescape(" ".join(" ".join(words).split()))
        return f"{self.status}" + (f" ({said})" if self.status >= 400 and said else "")


@dataclass(frozen=True)
class Route:
    """A way to the site: `base` is scheme, name and port as the visitor writes them.

    `options` are curl's, `place` is the command that brings curl to the visitor, and
    `through` is what the learner should know of the way.
    """

    base: str
    options: tuple[str, ...] = ()
    place: str = ""
    through: str = ""

    def __str__(self) -> str:
        return self.base + (f", through {self.through}" if self.through else "")


def local_routes(address: str) -> tuple[Route, Route]:
    """The ways to a service on the server itself: by its address, and by its name.

    Where ALLOWED_HOSTS has board.test alone, the address gets a 400.
    """
    if address.startswith(("/", "@")):
        kind = "--abstract-unix-socket" if address[0] == "@" else "--unix-socket"
        to = (kind, address.removeprefix("@"))
        return (
            Route("http://localhost", to, through=address),
            Route("http://board.test", to, through=address),
        )
    return (
        Route(f"http://{address}"),
        Route("http://board.test", ("--connect-to", f"::{address}"), through=address),
    )


def _response(code: int, said: str, error: str) -> Response:
    """What curl has brought: the heads, an empty line, the body as base64."""
    if code != 0:
        return Response(0, {}, b"", error.strip())
    heads, _, body = said.replace("\r", "").rpartition("\n\n")
    first, *lines = heads.strip().rpartition("\n\n")[2].splitlines()
    headers: dict[str, str] = {}
    for name, colon, value in (line.partition(": ") for line in lines):
        if colon:  # a header that comes twice counts as one, with a comma (RFC 9110)
            so_far = headers.get(name.lower())
            headers[name.lower()] = f"{so_far}, {value}" if so_far else value
    return Response(int(first.split()[1]), headers, base64.b64decode(body))


class Asked:
    """A page that was asked for, or a form that is being sent.

    `at_work` finds the process that works on it, until there is a file of that name.
    """

    def __init__(
        self, host: Host, files: str, at_work: Callable[[str], Process | None]
    ) -> None:
        self._host, self._files, self._at_work = host, files, at_work

    def ended(self) -> bool:
        """Whether the answer is there, or there will be none."""
        return bool(self._host.run("test -s %s-ended", self._files).rc == 0)

    def busy(self) -> Process | None:
        """The process that works on it, once it has worked a while; None when it has
        ended before."""
        return self._at_work(f"{self._files}-ended")

    def response(self) -> Response:
        """Wait for the answer, and return it."""
        deadline = time.monotonic() + _SLOW_SECONDS + 5
        while not self.ended() and time.monotonic() < deadline:
            time.sleep(0.1)
        # reads text: what curl was answered
        code, said, error = (
            self._host.run("cat %s", f"{self._files}{end}").stdout
            for end in ("-ended", "", "-error")
        )
        return _response(int(code or -1), said, error)


class Visits:
    """Visits to one page, one after the other."""

    def __init__(self, host: Host, file: str) -> None:
        self._host, self._file = host, file

    def turned_away(self) -> Response | None:
        """What the first visitor got who was not answered with 200, if there is one."""
        # reads text: what curl was answered
        lines = self._host.run("cat %s", self._file).stdout.splitlines()
        for status, _, error in (line.partition(" ") for line in lines):
            if status != "200":
                return Response(int(status), {}, b"", error)
        return None

    def statuses(self) -> set[int]:
        """Each status that came; 0 stands for no answer."""
        # reads text: what curl was answered
        said = self._host.check_output("cut -d ' ' -f 1 %s", self._file)
        return {int(status) for status in said.split()}

    def counted(self) -> int:
        """How many visits have ended."""
        # reads text: what curl was answered
        return int(self._host.check_output("wc --lines <%s", self._file))


class Site:
    """A visitor's browser, as far as the checks need one: it keeps its cookies."""

    def __init__(self, host: Host, visitor: Visitor, service: Service) -> None:
        self._host, self._visitor, self._service = host, visitor, service
        self._jar = f"/run/labkit-{uuid.uuid4().hex[:8]}"
        host.check_output("mkdir -m 0700 %s", self._jar)

    @cached_property
    def route(self) -> Route:
        """The way on which visitors reach the site."""
        if scheme := self._visitor.scheme:
            outside = "ip netns exec visitor"
            return Route(f"{scheme}://board.test", place=outside)
        return self._direct

    @cached_property
    def _direct(self) -> Route:
        """The way to where the service itself listens."""
        by_address, by_name = local_routes(self._service.address())
        if self._get(by_address, "/").status != 400:
            return by_address
        return by_name if self._get(by_name, "/").status != 400 else by_address

    @property
    def is_open(self) -> bool:
        """Whether a web port is open to visitors; the checks ask from inside if not."""
        return bool(self._visitor.scheme)

    @property
    def base(self) -> str:
        """Scheme, name and port of the site, as its visitors write them."""
        return self.route.base

    def get(self, path: str, *options: str) -> Response:
        """Fetch a page. No redirect is followed; `options` are curl's."""
        return self._get(self.route, path, *options)

    def _get(self, route: Route, path: str, *options: str) -> Response:
        script = self._script(route, "body", _SECONDS)
        words = [*route.options, *options, route.base + path]
        marks = " ".join(["%s"] * len(words))
        done = self._host.run(f"sh -c %s sh {marks}", script, *words)
        return _response(done.rc, done.stdout, done.stderr)

    def _script(self, route: Route, body: str, seconds: int) -> str:
        return _CURL.format(
            jar=self._jar, place=route.place, body=body, seconds=seconds
        )

    def ask(self, path: str, *options: str) -> "Asked":
        """Ask for a page, and go on while the site works on it."""
        asked = self._ask(self.route, path, *options)
        return Asked(self._host, asked, self._service.busy)

    def _ask(self, route: Route, path: str, *options: str) -> str:
        name = f"asked-{uuid.uuid4().hex[:8]}"
        script = self._script(route, f"{name}-body", _SLOW_SECONDS)
        script = f"{{ {script}\n}} >{name} 2>{name}-error; echo $? >{name}-ended"
        self._in_background(script, route, path, *options)
        return f"{self._jar}/{name}"

    def lengthened(self, seconds: float) -> float:
        """A time in which one can look at what goes on meanwhile: `seconds`, and on a
        slow server longer."""
        began = time.monotonic()
        self.get("/health/")
        return seconds + min(_LOOKS * (time.monotonic() - began), _AT_MOST)

    def send_slowly(self, path: str, seconds: float) -> "Asked":
        """Send the form of a page as on a slow line, and go on meanwhile.

        It costs the server no work, and takes `seconds`, `lengthened`. It goes straight
        to the service: a web server in front would read all of it first.

        Raises:
            Unreachable: when the service listens nowhere, or the page has no form.
        """
        route, size = self._direct, round(self.lengthened(seconds) * _SLOW_LINE)
        token = _TOKEN.search(self._get(route, path).text)
        if not token:
            raise Unreachable(f"{path} has no form")
        long = PurePath(self._jar, "long")
        self._host.check_output("truncate --size=%s %s", str(size), str(long))
        form = ("--form-string", f"csrfmiddlewaretoken={token[1]}")
        slowly = ("--limit-rate", str(_SLOW_LINE), "--form", f"long=@{long}")
        sent = self._ask(route, path, *form, *slowly)
        return Asked(self._host, sent, self._service.reader)

    @contextmanager
    def visits(self, path: str) -> Iterator["Visits"]:
        """Visit a page over and over, ten times a second, while the block runs."""
        name = f"visits-{uuid.uuid4().hex[:8]}"
        script = _VISITS.format(
            jar=self._jar, name=name, place=self.route.place, seconds=_SLOW_SECONDS
        )
        going_on = f"{self._jar}/{name}-going-on"
        self._host.check_output("touch %s %s", going_on, f"{self._jar}/{name}")
        try:
            self._in_background(script, self.route, path)
            yield Visits(self._host, f"{self._jar}/{name}")
        finally:
            self._host.run("rm -f %s", going_on)

    def _in_background(
        self, script: str, route: Route, path: str, *options: str
    ) -> None:
        words = [*route.options, *options, route.base + path]
        marks = " ".join(["%s"] * len(words))
        apart = f"setsid sh -c %s sh {marks} </dev/null >/dev/null 2>&1 &"
        self._host.check_output(f"cd {self._jar} && {apart}", script, *words)

    def post(
        self, path: str, files: dict[str, PurePath] | None = None, **fields: str
    ) -> Response:
        """Send the form of a page, with the token that the page holds."""
        page = self.get(path)
        token = _TOKEN.search(page.text)
        if not token:
            return page
        sent = {"csrfmiddlewaretoken": token[1], **fields}
        options = ["--referer", self.base + path]
        for name, value in sent.items():
            options += ["--form-string", f"{name}={value}"]
        for name, file in (files or {}).items():
            options += ["--form", f"{name}=@{file}"]
        return self.get(path, *options)

    def cookies(self) -> dict[str, str]:
        """The cookies that the visitor has, by name."""
        # reads text: the jar, which is the visitor's own
        lines = self._host.run("cat %s", f"{self._jar}/jar").stdout.splitlines()
        fields = (line.split("\t") for line in lines)
        return {words[5]: words[6] for words in fields if len(words) == 7}

    def file(self, name: str, content: bytes) -> PurePath:
        """Lay a file down on the visitor's side, for a form to send."""
        path = PurePath(self._jar, name)
        packed = base64.b64encode(content).decode()
        self._host.check_output("sh -c %s", f"echo {packed} | base64 -d >{path}")
        return path

    def close(self) -> None:
        """Leave nothing on the server."""
        self._host.run("rm -rf %s", self._jar)


@pytest.fixture
def site(
    host: Host, as_root: None, visitor: Visitor, service: Service
) -> Iterator[Site]:
    """The site, as its visitors reach it."""
    found = Site(host, visitor, service)
    yield found
    found.close()

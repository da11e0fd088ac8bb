"""An HTTP client for the checks: curl, run on the server.

It comes from where visitors come, as soon as a web port is open to them. Before
that, it comes from the server itself to where the service listens.
"""

import base64
import html
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath

import pytest
from testinfra.host import Host

from labkit.checks.fixtures import IPV4, Door, Visitor
from labkit.checks.service import Service

_SECONDS = 20

# The head goes to standard output, then the body as base64: it may be a picture.
_CURL = """
cd {jar} && {place} curl --silent --show-error --insecure --globoff \
    --max-time {seconds} --cookie jar --cookie-jar jar --header 'Expect:' \
    --dump-header - --output body "$@" && echo && base64 --wrap=0 body
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
        return f"{self.status}" + (f" ({said})" if self.status >= 400 else "")


class Site:
    """A visitor's browser, as far as the checks need one: it keeps its cookies."""

    def __init__(self, host: Host, visitor: Visitor, service: Service) -> None:
        self._host, self._visitor, self._service = host, visitor, service
        self._jar = f"/run/labkit-{uuid.uuid4().hex[:8]}"
        host.check_output("mkdir -m 0700 %s", self._jar)

    @cached_property
    def base(self) -> str:
        """Scheme, name and port of the site, as its visitors write them."""
        doors = {"https": Door("STREAM", IPV4, 443), "http": Door("STREAM", IPV4, 80)}
        answers = self._visitor.knock(list(doors.values()))
        for scheme, door in doors.items():
            if answers[door] == "open":
                return f"{scheme}://board.test"
        return f"http://{self._service.address()}"

    def get(self, path: str, *options: str) -> Response:
        """Fetch a page. No redirect is followed; `options` are curl's."""
        outside = self.base.endswith("//board.test")
        script = _CURL.format(
            jar=self._jar,
            place="ip netns exec visitor" if outside else "",
            seconds=_SECONDS,
        )
        words = " ".join(["%s"] * (len(options) + 1))
        done = self._host.run(
            f"sh -c %s sh {words}", script, *options, self.base + path
        )
        if done.rc != 0:
            return Response(0, {}, b"", done.stderr.strip())
        heads, _, body = done.stdout.replace("\r", "").rpartition("\n\n")
        first, *lines = heads.strip().rpartition("\n\n")[2].splitlines()
        headers = dict(line.split(": ", 1) for line in lines if ": " in line)
        return Response(
            int(first.split()[1]),
            {name.lower(): value for name, value in headers.items()},
            base64.b64decode(body),
        )

    def post(
        self, path: str, files: dict[str, PurePath] | None = None, **fields: str
    ) -> Response:
        """Send the form of a page, with the token that the page holds."""
        page = self.get(path)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
        if not token:
            return page
        sent = {"csrfmiddlewaretoken": token[1], **fields}
        options = ["--referer", self.base + path]
        for name, value in sent.items():
            options += ["--form-string", f"{name}={value}"]
        for name, file in (files or {}).items():
            options += ["--form", f"{name}=@{file}"]
        return self.get(path, *options)

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

#!/bin/bash
# Another right answer: Gunicorn speaks WSGI too. The application is a class whose
# objects are the answers, the header is added where the status is said, and the
# unit has another name.
set -euo pipefail

export DEBIAN_FRONTEND=noninteractive
apt-get -o DPkg::Lock::Timeout=60 install --quiet=2 --yes --no-install-recommends \
    python3-venv >/dev/null
python3 -m venv /srv/echo
/srv/echo/bin/pip install --quiet gunicorn
cat >/srv/echo/answers.py <<'PYTHON'
import hashlib
import json
import secrets
from http import HTTPStatus


class Answer:
    """One request and its answer: WSGI's callable is the class, its iterable this."""

    def __init__(self, environ, start_response):
        self.environ, self.start = environ, start_response

    def __iter__(self):
        first, _, rest = self.environ["PATH_INFO"].lstrip("/").partition("/")
        page = getattr(self, f"on_{first}", None)
        yield from page(rest) if page else self.say(404, b"?")

    def say(self, status, *body, kind="text/plain", more=()):
        length = str(sum(map(len, body)))
        head = [("content-type", kind), ("content-length", length), *more]
        self.start(f"{status} {HTTPStatus(status).phrase}", head)
        yield from body

    def on_greet(self, rest):
        try:
            name = rest.encode("latin-1").decode()
        except ValueError:
            return self.say(400, b"no UTF-8\n")
        body = f"Hello, {name}!\n".encode()
        return self.say(200, body, kind="text/plain; charset=UTF-8")

    def on_environ(self, rest):
        known = {k: v if isinstance(v, str) else repr(v) for k, v in self.environ.items()}
        body = json.dumps(known, ensure_ascii=False).encode()
        return self.say(200, body, kind="application/json; charset=utf-8")

    def on_upload(self, rest):
        digest, length = hashlib.sha256(), 0
        promised = int(self.environ.get("CONTENT_LENGTH") or 0)
        while piece := self.environ["wsgi.input"].read(8192):
            digest.update(piece)
            length += len(piece)
        if length < promised:
            return self.say(400, b"too short\n")
        body = json.dumps({"length": length, "sha256": digest.hexdigest()}).encode()
        return self.say(200, body, kind="application/json")

    def on_zeros(self, rest):
        self.start("200 OK", [("content-type", "application/octet-stream")])
        for _ in range(int(rest) // 1000):
            yield bytes(1000)
        yield bytes(int(rest) % 1000)

    def on_cookies(self, rest):
        more = [("set-cookie", "one=1"), ("set-cookie", "two=2")]
        return self.say(200, b"", more=more)

    def on_crash(self, rest):
        if rest:
            head = [("content-type", "text/plain"), ("content-length", "1000")]
            self.start("200 OK", head)
        if rest == "torn":
            yield b"x" * 500
        raise ValueError(rest)


class Numbered:
    def __init__(self, inner):
        self.inner = inner

    def __call__(self, environ, start_response):
        mark = ("x-request-id", secrets.token_urlsafe(8))

        def start(status, headers, *exc_info):
            headers.append(mark)
            return start_response(status, headers, *exc_info)

        answer = iter(self.inner(environ, start))
        try:
            first = next(answer, b"")
        except Exception as error:
            print(mark[1], repr(error), file=environ["wsgi.errors"])
            info = (type(error), error, error.__traceback__)
            start("500 Oh", [("content-type", "text/plain")], info)
            return [b"failed\n"]
        return self.rest(first, answer)

    def rest(self, first, answer):
        yield first
        yield from answer


application = Numbered(Answer)
PYTHON
cat >/etc/systemd/system/answers.service <<'UNIT'
[Service]
DynamicUser=yes
WorkingDirectory=/srv/echo
ExecStart=/srv/echo/bin/gunicorn --bind 127.0.0.1:8000 --workers 2 --no-control-socket answers
Restart=on-failure

[Install]
WantedBy=multi-user.target
UNIT
systemctl daemon-reload
systemctl enable --quiet --now answers

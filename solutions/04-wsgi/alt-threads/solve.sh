#!/bin/bash
# Another right answer: one generator for everything, wsgiref's validator around it,
# and the standard library's server with a thread for each request. systemd's timer
# starts it at boot.
set -euo pipefail

mkdir -p /usr/local/lib/echo
cat >/usr/local/lib/echo/main.py <<'PYTHON'
import hashlib
import itertools
import json
import sys
import time
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIServer, make_server
from wsgiref.validate import validator

COUNT = itertools.count(time.time_ns())


def app(environ, start_response):
    raw = environ["PATH_INFO"].encode("latin-1")
    text, status, kind, more = b"", "200 OK", "text/plain", []
    if raw.startswith(b"/greet/"):
        text = b"Hello, " + raw[7:] + b"!\n"
        kind += "; charset=utf-8"
        try:
            text.decode()
        except ValueError:
            text, status = b"", "400 Bad"
    elif raw.startswith(b"/environ"):
        kind = "application/json"
        text = json.dumps(environ, default=str).encode()
    elif raw == b"/cookies":
        more = [("Set-Cookie", "one=1"), ("Set-Cookie", "two=2")]
    elif raw.startswith(b"/zeros/"):
        start_response(status, [("Content-Type", "application/octet-stream")])
        left = int(raw[7:])
        while left > 0:
            yield bytes(min(left, 10000))
            left -= 10000
        return
    elif raw == b"/upload":
        digest, left = hashlib.sha256(), int(environ.get("CONTENT_LENGTH") or 0)
        told = {"length": left}
        while left > 0 and (got := environ["wsgi.input"].read(min(left, 100_000))):
            digest.update(got)
            left -= len(got)
        told["sha256"] = digest.hexdigest()
        kind, text = "application/json", json.dumps(told).encode()
        if left:
            status = "400 Bad"
    elif raw == b"/crash":
        raise OSError("once")
    elif raw == b"/crash/begun":
        start_response("200 OK", [("Content-Type", "text/plain")])
        raise OSError("begun")
    elif raw == b"/crash/torn":
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "1000")])
        yield b"y" * 500
        raise OSError("torn")
    else:
        status = "404 Not here"
    start_response(status, [("Content-Type", kind), *more])
    yield text


def number(inner):
    def outer(environ, start_response):
        own = ("X-Request-Id", str(next(COUNT)))
        begun = []

        def start(status, headers, exc_info=None):
            begun[:] = [status, [*headers, own]]
            return start_response(*begun, exc_info) if exc_info else start_response(*begun)

        parts = inner(environ, start)
        sent = False
        try:
            for part in parts:
                sent = True
                yield part
        except OSError:
            if sent:
                raise
            start("500 Oops", [("Content-Type", "text/plain")], sys.exc_info())
            yield b"Oops\n"
        finally:
            parts.close()

    return outer


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


make_server("", 8000, validator(number(validator(app))), Server).serve_forever()
PYTHON
cat >/etc/systemd/system/echo.service <<'UNIT'
[Service]
DynamicUser=yes
ExecStart=/usr/bin/python3 /usr/local/lib/echo/main.py
UNIT
cat >/etc/systemd/system/echo.timer <<'UNIT'
[Timer]
OnActiveSec=1s
AccuracySec=100ms

[Install]
WantedBy=timers.target
UNIT
systemctl daemon-reload
systemctl enable --quiet --now echo.timer

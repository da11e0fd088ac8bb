"""The application: a callable as PEP 3333 has it, and nothing of a framework."""

import hashlib
import json

PIECE = 64 * 1024


class Refused(Exception):
    """The request can't be answered as it is; the argument is the status."""


def greet(environ, start_response):
    """Greet whoever the path names."""
    # A server hands over bytes as a string with a letter for each: PEP 3333.
    raw = environ["PATH_INFO"].removeprefix("/greet/").encode("latin-1")
    try:
        name = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("400 Bad Request") from None
    return said(start_response, f"Hello, {name}!\n".encode())


def echo(environ, start_response):
    """Give back what the server said of the request."""
    strings = {name: what for name, what in environ.items() if isinstance(what, str)}
    body = json.dumps(strings).encode()
    return said(start_response, body, "application/json")


def upload(environ, start_response):
    """Say how long the body is and what its digest is, and keep a piece at most."""
    length = environ.get("CONTENT_LENGTH", "")
    if not length:
        raise Refused("411 Length Required")
    if not (length.isascii() and length.isdecimal()):
        raise Refused("400 Bad Request")
    digest, missing = hashlib.sha256(), int(length)
    while missing:
        piece = environ["wsgi.input"].read(min(PIECE, missing))
        if not piece:  # the client has hung up
            raise Refused("400 Bad Request")
        digest.update(piece)
        missing -= len(piece)
    body = json.dumps({"length": int(length), "sha256": digest.hexdigest()}).encode()
    return said(start_response, body, "application/json")


def zeros(environ, start_response):
    """Send as many zero bytes as the path says, a piece at a time."""
    number = environ["PATH_INFO"].removeprefix("/zeros/")
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        raise Refused("404 Not Found")
    headers = [("Content-Type", "application/octet-stream"), ("Content-Length", number)]
    start_response("200 OK", headers)
    return pieces(int(number))


def pieces(number):
    """A generator: each piece is made when the server asks for it."""
    while number:
        piece = bytes(min(PIECE, number))
        yield piece
        number -= len(piece)


def cookies(environ, start_response):
    """Set two cookies: the same header twice."""
    more = [("Set-Cookie", "one=1"), ("Set-Cookie", "two=2")]
    return said(start_response, b"Two cookies.\n", more=more)


def crash(environ, start_response):
    """Fail before anything is said."""
    raise RuntimeError("failed at once")


def begun(environ, start_response):
    """Fail when the status is said, and no byte of the body."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    raise RuntimeError("failed after the status")


def torn(environ, start_response):
    """Fail half-way through the body."""
    headers = [("Content-Type", "text/plain"), ("Content-Length", "1000")]
    start_response("200 OK", headers)
    yield b"x" * 500
    raise RuntimeError("failed half-way")


def said(
    start_response, body, kind="text/plain; charset=utf-8", status="200 OK", more=()
):
    """An answer in one piece."""
    length = ("Content-Length", str(len(body)))
    start_response(status, [("Content-Type", kind), length, *more])
    return [body]


PAGES = {
    "/cookies": cookies,
    "/crash": crash,
    "/crash/begun": begun,
    "/crash/torn": torn,
    "/upload": upload,
}
BELOW = {"/environ": echo, "/greet/": greet, "/zeros/": zeros}


def application(environ, start_response):
    """What the server calls for each request."""
    path = environ.get("PATH_INFO", "")
    page = PAGES.get(path) or next(
        (page for start, page in BELOW.items() if path.startswith(start)), None
    )
    try:
        if page is None:
            raise Refused("404 Not Found")
        return page(environ, start_response)
    except Refused as refused:
        status = str(refused)
        return said(start_response, f"{status}\n".encode(), status=status)

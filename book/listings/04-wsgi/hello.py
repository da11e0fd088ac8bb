"""hello: an application by hand. It shows what came in, counts, waits and fails."""

import time

PLAIN = "Content-Type", "text/plain; charset=utf-8"
SHOWN = "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "CONTENT_LENGTH", "HTTP_X_TWICE"


def application(environ, start_response):
    """What a server calls for each request."""
    page = PAGES.get(environ["PATH_INFO"], show)
    return page(environ, start_response)


def show(environ, start_response):
    """Show some of what the server says of the request."""
    lines = [f"{name}: {environ.get(name)!r}\n" for name in SHOWN]
    start_response("200 OK", [PLAIN])
    return [line.encode() for line in lines]


def count(environ, start_response):
    """Count the bytes of the body, all at once."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    start_response("200 OK", [PLAIN])
    return [f"{len(body)} bytes\n".encode()]


def count_in_pieces(environ, start_response):
    """Count the bytes of the body, and keep no more than a piece."""
    announced, counted = int(environ.get("CONTENT_LENGTH") or 0), 0
    while counted < announced:
        piece = environ["wsgi.input"].read(min(65536, announced - counted))
        if not piece:  # nothing more will come
            break
        counted += len(piece)
    start_response("200 OK", [PLAIN])
    return [f"{counted} of {announced} bytes\n".encode()]


def slowly(environ, start_response):
    """Answer in three pieces, each when it is made."""
    start_response("200 OK", [PLAIN])
    for number in range(3):
        time.sleep(1)
        yield f"{number}\n".encode()


def fail(environ, start_response):
    """Fail before a word is said."""
    raise RuntimeError("at once")


def fail_late(environ, start_response):
    """Fail when the status is said, and nothing of the body."""
    start_response("200 OK", [PLAIN])
    raise RuntimeError("late")


def fail_halfway(environ, start_response):
    """Fail when half of the body is out."""
    start_response("200 OK", [PLAIN, ("Content-Length", "12")])
    yield b"first\n"
    raise RuntimeError("halfway")


PAGES = {
    "/count": count,
    "/count-in-pieces": count_in_pieces,
    "/slowly": slowly,
    "/fail": fail,
    "/fail/late": fail_late,
    "/fail/halfway": fail_halfway,
}

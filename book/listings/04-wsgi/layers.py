"""Two middlewares, and hello inside them."""

import sys
import traceback
from wsgiref.validate import validator

import hello


def stamped(application):
    """Add a header to each answer."""

    def outer(environ, start_response):
        def start(status, headers, exc_info=None):
            return start_response(status, [*headers, ("X-From", "hello")], exc_info)

        return application(environ, start)

    return outer


def guarded(application):
    """Make a page of an exception, as long as nothing is sent."""

    def outer(environ, start_response):
        body, sent = (), False
        try:
            body = application(environ, start_response)
            for piece in body:
                sent = True
                yield piece
        except Exception:
            if sent:
                raise  # only the server can cut the answer off
            traceback.print_exc(file=environ["wsgi.errors"])
            start_response("500 Internal Server Error", [hello.PLAIN], sys.exc_info())
            yield b"Something went wrong here.\n"
        finally:
            if hasattr(body, "close"):
                body.close()

    return outer


application = stamped(guarded(hello.application))
checked = validator(application)


def careless(environ, start_response):
    """Break the rules."""
    start_response("200 fine", [("Content-Type", "text/plain"), ("Status", "200")])
    return environ["wsgi.input"].read()

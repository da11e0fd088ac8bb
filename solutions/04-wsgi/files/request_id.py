"""A middleware: each answer gets a number, and no error goes without one."""

import sys
import traceback
import uuid


class RequestId:
    """An application around another one. To the server it looks like an application,
    and to that application like a server."""

    def __init__(self, application):
        self.application = application

    def __call__(self, environ, start_response):
        """Answer a request as the application does, with a header more."""
        # In the call and not in self: the object serves all requests.
        number = uuid.uuid4().hex
        body, sent = None, False

        def start_with_number(status, headers, exc_info=None):
            # A list and not a dict: a header may be there twice.
            return start_response(
                status, [*headers, ("X-Request-ID", number)], exc_info
            )

        try:
            body = self.application(environ, start_with_number)
            for piece in body:
                sent = sent or bool(piece)
                yield piece
        except Exception:
            # A client learns of a torn answer only if the server cuts it off.
            if sent:
                raise
            print(f"request {number} failed", file=environ["wsgi.errors"])
            traceback.print_exc(file=environ["wsgi.errors"])
            yield self.sorry(start_with_number, sys.exc_info())
        finally:
            if hasattr(body, "close"):
                body.close()

    @staticmethod
    def sorry(start_response, exc_info):
        """The page for a failure. With exc_info, it may replace a status that the
        application has given, as long as nothing is sent."""
        body = b"Something went wrong on this server.\n"
        headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))]
        start_response("500 Internal Server Error", headers, exc_info)
        return body

"""Another site, of one function: it says what it takes for its settings."""

import os

os.environ.setdefault("SITE", "second")


def application(environ, start_response):
    """Say which site's environment this is."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"The second site, with settings for {os.environ['SITE']}\n".encode()]

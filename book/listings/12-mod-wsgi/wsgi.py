"""What mod_wsgi loads: it sets the environment, then imports the site."""

import os

os.environ.setdefault("SITE", "hello")

from hello import application  # noqa: F401

"""hello's settings on the server: those of the laptop, and what differs."""

from settings import *  # noqa: F403

DEBUG = False
ADMINS = ["ada@hello.test"]
MAILERS = {
    "default": {
        "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "OPTIONS": {"file_path": "/var/lib/hello/reports"},
    }
}

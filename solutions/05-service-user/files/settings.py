"""This server's settings: the project's own, and what differs here."""

from pathlib import Path

from config.settings import *  # noqa: F403

SECRET_KEY = Path("/etc/board/secret_key").read_text().strip()

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": "/var/lib/board/db.sqlite3",
    }
}

MEDIA_ROOT = "/var/lib/board/media"

"""Errors go to the journal, and to a person."""

from pathlib import Path

from settings import *  # noqa: F403

ADMINS = ["ops@board.test"]
MAILERS = {
    "default": {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": "smtp.letterbox.test",
            "port": 587,
            "use_tls": True,
            "username": "board",
            "password": Path("/opt/hello/letterbox_password").read_text().strip(),
            "timeout": 10,
        },
    },
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {
        "journal": {"class": "logging.StreamHandler"},
        "mail": {"class": "django.utils.log.AdminEmailHandler", "level": "ERROR"},
    },
    "loggers": {"django": {"handlers": ["journal", "mail"], "level": "INFO"}},
}

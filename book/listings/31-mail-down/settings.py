"""hello's settings: errors go to the journal, and straight to the provider."""

from pathlib import Path

DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
SECRET_KEY = "none is needed: hello signs nothing"
ROOT_URLCONF = "hello"
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]

ADMINS = ["ops@board.test"]
SERVER_EMAIL = "hello@board.test"
EMAIL_SUBJECT_PREFIX = "[hello] "
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

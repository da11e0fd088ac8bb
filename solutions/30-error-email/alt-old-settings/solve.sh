#!/bin/bash
# Another right answer, in the form of Django 5.2 and before: EMAIL_HOST and the like, TLS
# from the first byte. The workers count together, in files: three mails in half a
# minute for all errors. Forms are left out of reports as a whole.
set -euo pipefail

install --mode 0640 --group board /dev/null /etc/board/mail.py
password=$(sed -n 's/^Password: *//p' /root/letterbox.txt)
echo "EMAIL_HOST_PASSWORD = '$password'" >/etc/board/mail.py
cat >/etc/board/limits.py <<'PYTHON'
"""How many mails in half a minute, and what is never in them."""

import re
import time

from django.core.cache import caches
from django.views.debug import SafeExceptionReporterFilter

MOST = 3


def few(record):
    now = f"mails:{time.time() // 30:.0f}"
    counts = caches["limits"]
    counts.add(now, 0, 60)
    return counts.incr(now) <= MOST


class NoForms(SafeExceptionReporterFilter):
    hidden_settings = re.compile("API|AUTH|TOKEN|KEY|SECRET|PASS|SIGNATURE|COOKIE", re.I)

    def get_post_parameters(self, request):
        return {}
PYTHON
cat >>/etc/board/settings.py <<'PYTHON'

from limits import few
from mail import EMAIL_HOST_PASSWORD

del MAILERS
EMAIL_HOST = "smtp.letterbox.test"
EMAIL_PORT = 465
EMAIL_USE_SSL = True
EMAIL_HOST_USER = "board"
EMAIL_TIMEOUT = 10
ADMINS = ["you@board.test"]
SERVER_EMAIL = "board@board.test"
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "limits": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": "/var/lib/board/limits",
    },
}
DEFAULT_EXCEPTION_REPORTER_FILTER = "limits.NoForms"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "live": {"()": "django.utils.log.RequireDebugFalse"},
        "few": {"()": "django.utils.log.CallbackFilter", "callback": few},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler"},
        "mail": {
            "class": "django.utils.log.AdminEmailHandler",
            "level": "ERROR",
            "filters": ["live", "few"],
            "include_html": True,
        },
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"django": {"handlers": ["mail"]}},
}
PYTHON
systemctl restart board

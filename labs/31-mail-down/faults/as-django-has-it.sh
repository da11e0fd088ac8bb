#!/bin/bash
# title: Straight to the provider, as Django has it
# symptom: The provider had a bad hour, and so had the site.
# section: A 502 in an outage
# fails: test_refused_mail_costs_nobody
# says: 502
# reboot: no
set -euo pipefail
cat >>/etc/board/settings.py <<'PYTHON'
from pathlib import Path

MAILERS = {
    "default": {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": "smtp.letterbox.test",
            "port": 587,
            "use_tls": True,
            "username": "board",
            "password": Path("/etc/board/letterbox_password").read_text().strip(),
            "timeout": 10,
        },
    },
}
LOGGING["handlers"]["mail"] = {
    "class": "django.utils.log.AdminEmailHandler",
    "level": "ERROR",
}
PYTHON
systemctl restart board

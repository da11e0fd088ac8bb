#!/bin/bash
# title: A moment for the provider, and no word
# symptom: Errors of the night of the outage were never heard of.
# section: Mails that never come
# fails: test_the_mail_comes_later
# says: no mail had come
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
            "timeout": 0.3,
            "fail_silently": True,
        },
    },
}
PYTHON
systemctl restart board

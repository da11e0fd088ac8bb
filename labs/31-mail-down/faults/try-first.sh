#!/bin/bash
# title: The provider first, the queue second
# symptom: When the provider is slow, the board is.
# section: Silence
# fails: test_silence_holds_nobody
# says: such errors under way
# reboot: no
set -euo pipefail
cat >/etc/board/try_first.py <<'PYTHON'
from django.core.mail.backends.smtp import EmailBackend
from queued import Sendmail


class TryFirst(EmailBackend):
    def send_messages(self, messages):
        try:
            return super().send_messages(messages)
        except OSError:
            return Sendmail().send_messages(messages)
PYTHON
cat >>/etc/board/settings.py <<'PYTHON'
from pathlib import Path

MAILERS = {
    "default": {
        "BACKEND": "try_first.TryFirst",
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
PYTHON
systemctl restart board

#!/bin/bash
# Another right answer: no program for mail at all. Django writes each mail into a file,
# and a timer starts a small program, which sends the files and takes them away.
set -euo pipefail

install --directory --owner board --group board --mode 0700 /var/lib/board/outbox
cat >/etc/board/post.py <<'PYTHON'
"""Send what lies in the outbox; what can't be sent now stays there."""

import email
import email.policy
import smtplib
import time
from pathlib import Path

LINE = b"-" * 79  # Django's mark between the mails of a file

for file in sorted(Path("/var/lib/board/outbox").iterdir()):
    if time.time() - file.stat().st_mtime < 1:
        continue  # it may still be written
    with smtplib.SMTP_SSL("smtp.letterbox.test", 465, timeout=8) as provider:
        provider.login("board", Path("/etc/board/letterbox_password").read_text().strip())
        for raw in file.read_bytes().split(LINE):
            if raw.strip():
                mail = email.message_from_bytes(raw.lstrip(), policy=email.policy.default)
                provider.send_message(mail)
    file.unlink()
PYTHON
cat >/etc/systemd/system/board-post.service <<'UNIT'
[Unit]
Description=Send the board's mail

[Service]
Type=oneshot
User=board
ExecStart=/usr/bin/python3 /etc/board/post.py
UNIT
cat >/etc/systemd/system/board-post.timer <<'UNIT'
[Unit]
Description=Send the board's mail, every ten seconds

[Timer]
OnBootSec=10
OnUnitInactiveSec=10
AccuracySec=1

[Install]
WantedBy=timers.target
UNIT
systemctl daemon-reload
systemctl enable --quiet --now board-post.timer
cat >>/etc/board/settings.py <<'PYTHON'
MAILERS = {
    "default": {
        "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "OPTIONS": {"file_path": "/var/lib/board/outbox"},
    },
}
PYTHON
systemctl restart board

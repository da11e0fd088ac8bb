#!/bin/bash
# Another right answer: another queue, Debian's dma, which keeps a process for each mail
# that waits; and a timer that has it try again. It stays with lab 30's handler.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

apt-get -o DPkg::Lock::Timeout=60 install --quiet=2 --yes --no-install-recommends dma >/dev/null
password=$(sed -n 's/^Password: *//p' /root/letterbox.txt)
cat >/etc/dma/dma.conf <<'CONF'
SMARTHOST smtp.letterbox.test
PORT 587
SECURETRANSFER
STARTTLS
AUTHPATH /etc/dma/auth.conf
MAILNAME lab.board.test
DEFER
CONF
echo "board|smtp.letterbox.test:$password" >/etc/dma/auth.conf
cat >/etc/systemd/system/dma-queue.service <<'UNIT'
[Unit]
Description=Send what waits in dma's queue

[Service]
Type=oneshot
# Who has got no answer for so long waits for a silent provider, and would for five
# minutes. Its mail stays in the queue.
ExecStartPre=-/usr/bin/pkill --older 15 --exact dma
ExecStart=/usr/sbin/dma -q
# Each mail has a process of its own, which goes on trying.
KillMode=process
UNIT
cat >/etc/systemd/system/dma-queue.timer <<'UNIT'
[Unit]
Description=Send what waits in dma's queue, every ten seconds

[Timer]
OnBootSec=10
OnUnitInactiveSec=10
AccuracySec=1

[Install]
WantedBy=timers.target
UNIT
systemctl daemon-reload
systemctl enable --quiet --now dma-queue.timer

cat >/etc/board/by_sendmail.py <<'PYTHON'
"""Mail by sendmail."""

import subprocess

from django.core.mail.backends.base import BaseEmailBackend


class Backend(BaseEmailBackend):
    def send_messages(self, messages):
        for message in messages:
            argv = ["/usr/sbin/sendmail", "-f", "board@board.test", *message.recipients()]
            text = message.message().as_bytes()
            subprocess.run(argv, input=text, check=True, timeout=10)
        return len(messages)
PYTHON
cat >>/etc/board/settings.py <<'PYTHON'
MAILERS = {"default": {"BACKEND": "by_sendmail.Backend"}}
PYTHON
systemctl restart board

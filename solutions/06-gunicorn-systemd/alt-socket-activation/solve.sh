#!/bin/bash
# Another right answer: systemd listens, also where the service is down, and starts
# it for the first visitor. The service itself is not enabled. The site answers to its
# name alone, and the requests are in a file.
set -euo pipefail

/opt/board/venv/bin/pip install --quiet gunicorn
echo 'ALLOWED_HOSTS = ["board.test"]' >>/etc/board/settings.py
cat >/etc/systemd/system/board.socket <<'UNIT'
[Socket]
ListenStream=/run/board.sock

[Install]
WantedBy=sockets.target
UNIT
cat >/etc/systemd/system/board.service <<'UNIT'
[Unit]
Requires=board.socket

[Service]
Type=notify
User=board
UMask=0027
LogsDirectory=board
WorkingDirectory=/opt/board
Environment=PYTHONPATH=/etc/board DJANGO_SETTINGS_MODULE=settings
Environment="GUNICORN_CMD_ARGS=--workers 2 --access-logfile /var/log/board/access.log"
ExecStart=/opt/board/venv/bin/gunicorn config.wsgi
Restart=on-failure
UNIT
systemctl stop board
rm -f /etc/systemd/system/multi-user.target.wants/board.service
systemctl daemon-reload
systemctl enable --quiet --now board.socket

#!/bin/bash
# Another right answer: one worker with threads, all of the configuration in a file
# of Gunicorn's and none on the command line, a Unix socket in a directory of the
# service's own, one whole unit that tells systemd nothing but the start.
set -euo pipefail

/opt/board/venv/bin/pip install --quiet gunicorn
cat >/etc/board/gunicorn.py <<'PYTHON'
bind = "unix:/run/board/http.sock"
chdir = "/opt/board"
pythonpath = "/etc/board"
raw_env = ["DJANGO_SETTINGS_MODULE=settings"]
wsgi_app = "config.wsgi"
threads = 4
accesslog = "-"
control_socket_disable = True
PYTHON
cat >/etc/systemd/system/board.service <<'UNIT'
[Service]
User=board
UMask=0027
RuntimeDirectory=board
ExecStart=/opt/board/venv/bin/python -m gunicorn --config /etc/board/gunicorn.py
Restart=on-failure

[Install]
WantedBy=multi-user.target
UNIT
systemctl daemon-reload
systemctl restart board

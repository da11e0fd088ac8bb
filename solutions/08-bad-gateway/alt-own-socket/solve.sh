#!/bin/bash
# Another right answer: no search, but all of it afresh. What lies between nginx and
# Django is written anew, from what is known to be right, and systemd does not listen
# any more: Gunicorn opens a socket itself, in a directory that the unit has made for it.
# nginx may enter as its group, and not as its owner.
set -euo pipefail

systemctl disable --quiet --now board.socket
systemctl stop board.service
rm -rf /etc/systemd/system/board.socket /etc/systemd/system/board.socket.d
rm -rf /etc/systemd/system/board.service.d

sed --in-place '/debug_toolbar/d' /etc/board/settings.py
cat >/etc/systemd/system/board.service <<'UNIT'
[Unit]
Description=board, the notice board

[Service]
Type=notify
User=board
RuntimeDirectory=board
WorkingDirectory=/opt/board
Environment=PYTHONPATH=/etc/board DJANGO_SETTINGS_MODULE=settings
ExecStart=/opt/board/venv/bin/gunicorn --bind unix:/run/board/http --umask 0007 \
    --workers 2 --access-logfile - config.wsgi
ExecStartPost=+chgrp www-data /run/board/http
Restart=always

[Install]
WantedBy=multi-user.target
UNIT
cat >/etc/nginx/sites-available/board <<'NGINX'
upstream board {
    server unix:/run/board/http;
}

server {
    listen 80;
    listen [::]:80;
    server_name board.test;
    client_max_body_size 10m;

    location / {
        proxy_pass http://board;
        proxy_set_header Host $host;
    }
}
NGINX
systemctl daemon-reload
systemctl enable --quiet --now board.service
nginx -t -q
systemctl reload nginx

#!/bin/bash
# Another right answer: the lock is a directory, the socket within it is open to all.
# Threads in place of workers, and nginx finds the socket by an upstream. The service is
# not enabled: the first visitor starts it. Every name is taken by nginx's default server.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

apt-get -o DPkg::Lock::Timeout=60 install --quiet=2 --yes --no-install-recommends nginx >/dev/null
echo 'ALLOWED_HOSTS = [".board.test"]' >>/etc/board/settings.py

cat >/etc/tmpfiles.d/board.conf <<'CONF'
d /run/board-door 0750 root www-data
CONF
systemd-tmpfiles --create board.conf
cat >/etc/systemd/system/board.socket <<'UNIT'
[Socket]
ListenStream=/run/board-door/http

[Install]
WantedBy=sockets.target
UNIT
cat >/etc/systemd/system/board.service.d/threads.conf <<'UNIT'
[Unit]
Requires=board.socket

[Service]
ExecStart=
ExecStart=/opt/board/venv/bin/gunicorn --threads 8 --access-logfile - config.wsgi
UNIT
cat >/etc/nginx/sites-available/default <<'CONF'
upstream app {
    server unix:/run/board-door/http;
    keepalive 4;
}
server {
    listen 80 default_server;
    listen [::]:80 default_server;
    client_max_body_size 0;
    location / {
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $http_host;
        proxy_pass http://app;
    }
}
CONF
systemctl stop board
systemctl disable --quiet board
systemctl daemon-reload
systemctl enable --quiet --now board.socket
systemctl restart nginx
nft add rule inet filter input tcp dport http accept
{ echo 'flush ruleset'; nft list ruleset; } >/etc/nftables.conf

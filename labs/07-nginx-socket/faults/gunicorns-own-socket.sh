#!/bin/bash
# title: Gunicorn makes the socket itself
# symptom: At each restart of the site somebody reads 502.
# section: Requests lost at a restart
# fails: test_a_restart_loses_nothing, test_the_board_may_start_later
# says: got 502
# reboot: no
set -euo pipefail
systemctl disable --quiet --now board.socket
systemctl stop board.service
rm /etc/systemd/system/board.socket
cat >/etc/systemd/system/board.service.d/socket.conf <<'UNIT'
[Service]
RuntimeDirectory=board
RuntimeDirectoryMode=0750
Group=www-data
SupplementaryGroups=board
UMask=0007
ExecStart=
ExecStart=/opt/board/venv/bin/gunicorn --bind unix:/run/board/board.sock --workers 3 --access-logfile - config.wsgi
UNIT
sed -i 's|unix:[^;]*|unix:/run/board/board.sock|' /etc/nginx/sites-available/board
systemctl daemon-reload
systemctl start board
systemctl reload nginx

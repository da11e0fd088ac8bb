#!/bin/bash
# title: Gunicorn's master runs as root
# symptom: A colleague looks at the process list and finds root.
# section: Permission denied at the socket
# fails: test_still_a_service_user
# says: runs as root
# reboot: no
set -euo pipefail
printf '[Service]\nUser=root\n' >/etc/systemd/system/board.service.d/root.conf
systemctl daemon-reload
systemctl restart board

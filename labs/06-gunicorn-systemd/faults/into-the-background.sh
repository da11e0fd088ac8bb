#!/bin/bash
# title: Gunicorn goes into the background
# symptom: systemd started the board again and again, and has given up.
# section: systemd starts it again and again
# fails: test_site_answers
# says: protocol
# reboot: no
set -euo pipefail
sed -i 's/ --workers/ --daemon --workers/' /etc/systemd/system/board.service.d/gunicorn.conf
# However slow the server, five starts are enough for systemd to give up.
printf '[Unit]\nStartLimitIntervalSec=100\n' >>/etc/systemd/system/board.service.d/gunicorn.conf
systemctl daemon-reload
systemctl restart --no-block board
timeout 100 sh -c 'until systemctl is-failed --quiet board; do sleep 0.2; done'

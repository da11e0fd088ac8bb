#!/bin/bash
# title: Gunicorn goes into the background
# symptom: systemd starts the board again and again.
# fails: test_site_answers
# says: protocol
# reboot: no
set -euo pipefail
sed -i 's/ --workers/ --daemon --workers/' /etc/systemd/system/board.service.d/gunicorn.conf
systemctl daemon-reload
systemctl restart --no-block board

#!/bin/bash
# title: The master runs as root
# symptom: A colleague looks at the process list and finds root.
# section: The master runs as root
# fails: test_still_a_service_user
# says: runs as root
# reboot: no
set -euo pipefail
sed -i 's/ --workers/ --user board --group board --workers/' /etc/systemd/system/board.service.d/gunicorn.conf
echo User=root >>/etc/systemd/system/board.service.d/gunicorn.conf
systemctl daemon-reload
systemctl restart board

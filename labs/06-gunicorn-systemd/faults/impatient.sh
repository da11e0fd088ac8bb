#!/bin/bash
# title: One second for each request
# symptom: The report is never shown, and the log speaks of a timeout.
# section: WORKER TIMEOUT
# fails: test_side_by_side
# says: answered with 500
# reboot: no
set -euo pipefail
sed -i 's/ --workers/ --timeout 1 --workers/' /etc/systemd/system/board.service.d/gunicorn.conf
systemctl daemon-reload
systemctl restart board

#!/bin/bash
# title: One worker, as Gunicorn comes
# symptom: When somebody opens the report, the site stands still.
# section: One visitor stops the site
# fails: test_side_by_side
# says: only after it
# reboot: no
set -euo pipefail
sed -i 's/ --workers 3//' /etc/systemd/system/board.service.d/gunicorn.conf
systemctl daemon-reload
systemctl restart board

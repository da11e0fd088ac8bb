#!/bin/bash
# title: Gunicorn does not write down who came
# symptom: Somebody says the site was down at noon, and the journal can't say.
# section: No line about a visit
# fails: test_requests_are_logged
# says: neither
# reboot: no
set -euo pipefail
sed -i 's/ --access-logfile -//' /etc/systemd/system/board.service.d/gunicorn.conf
systemctl daemon-reload
systemctl restart board

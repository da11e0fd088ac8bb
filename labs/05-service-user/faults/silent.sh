#!/bin/bash
# title: Nobody hears the log
# symptom: The site was slow last night, and there is no line about it.
# section: A service without a voice
# fails: test_requests_are_logged
# says: neither
# reboot: no
set -euo pipefail
sed -i 's/^User=/StandardOutput=null\nStandardError=null\nUser=/' /etc/systemd/system/board.service
systemctl daemon-reload
systemctl restart board

#!/bin/bash
# title: The stop has one second
# symptom: At each release, somebody's page is lost.
# section: A page lost at each restart
# fails: test_a_restart_cuts_nobody_off
# says: no answer
# reboot: no
set -euo pipefail
echo TimeoutStopSec=1 >>/etc/systemd/system/board.service.d/gunicorn.conf
systemctl daemon-reload

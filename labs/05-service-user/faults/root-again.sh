#!/bin/bash
# title: The line User= is gone
# symptom: A colleague looks at the process list and finds the board as root.
# section: An edit that changes nothing
# fails: test_not_root
# says: runs as root
# reboot: no
set -euo pipefail
sed -i '/^User=/d' /etc/systemd/system/board.service
systemctl daemon-reload
systemctl restart board

#!/bin/bash
# title: The socket's directory was made by hand
# symptom: The board is gone since the reboot.
# section: Gone since the reboot
# fails: test_it_survives_a_reboot
# says: after a reboot
# reboot: no
set -euo pipefail
install --directory --owner board /run/board
sed -i 's|127.0.0.1:8000|unix:/run/board/gunicorn.sock|' /etc/systemd/system/board.service.d/gunicorn.conf
systemctl daemon-reload
systemctl restart board

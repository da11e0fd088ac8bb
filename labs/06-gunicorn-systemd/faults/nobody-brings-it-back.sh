#!/bin/bash
# title: Nobody brings the board back
# symptom: The board was gone in the morning; a start by hand helped.
# section: Nobody brought it back
# fails: test_the_main_process_may_die
# says: failed (signal)
# reboot: no
set -euo pipefail
sed -i 's/^Restart=.*/Restart=no/' /etc/systemd/system/board.service.d/gunicorn.conf
systemctl daemon-reload
systemctl restart board

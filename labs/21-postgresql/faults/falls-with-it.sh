#!/bin/bash
# title: The unit requires the database
# symptom: PostgreSQL was updated in the night, and the board has been down since.
# section: The board goes down with the database
# fails: test_it_lives_through_a_stop
# says: up again
# reboot: no
set -euo pipefail
cat >/etc/systemd/system/board.service.d/after-postgresql.conf <<'UNIT'
[Unit]
BindsTo=postgresql@17-main.service
After=postgresql@17-main.service
UNIT
systemctl daemon-reload
systemctl restart board

#!/bin/bash
# title: The old settings are back
# symptom: Notices of today are gone, and those of last week are there again.
# section: The old database is back
# fails: test_it_runs_on_postgresql
# says: sqlite
# reboot: no
set -euo pipefail
install --owner board --group board --mode 0640 /root/board-before-postgresql.sqlite3 /var/lib/board/db.sqlite3
sed -i '/^# Lab 21/,$d' /etc/board/settings.py
systemctl restart board

#!/bin/bash
# title: The old database lies open
# symptom: A student who has an account on the server knows the members' password hashes.
# section: The old database is back
# fails: test_nobody_else_gets_in
# says: password hashes in /srv/old.sqlite3
# reboot: no
set -euo pipefail
install --mode 0644 /root/board-before-postgresql.sqlite3 /srv/old.sqlite3

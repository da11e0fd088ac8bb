#!/bin/bash
# title: Everybody on the server reads the database
# symptom: The members' addresses are in a list of somebody else's.
# section: Everybody reads the key
# fails: test_secrets_are_private
# says: db.sqlite3
# reboot: no
set -euo pipefail
chmod 0755 /var/lib/board
chmod 0644 /var/lib/board/db.sqlite3

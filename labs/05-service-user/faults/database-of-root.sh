#!/bin/bash
# title: The database belongs to root
# symptom: The board can be read, and nobody can log in.
# section: Readonly database
# fails: test_upload_works
# says: readonly
# reboot: no
set -euo pipefail
chown root /var/lib/board/db.sqlite3
chmod 0640 /var/lib/board/db.sqlite3

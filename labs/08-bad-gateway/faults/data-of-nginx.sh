#!/bin/bash
# title: A chown that went too far: the database's directory is nginx's
# symptom: Pages can be read, and nobody can log in.
# section: One `chown` too many
# fails: test_upload_works
# says: database
# reboot: no
set -euo pipefail
chown www-data /var/lib/board

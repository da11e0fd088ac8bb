#!/bin/bash
# title: Read-only, as during the move
# symptom: Everything can be read, and nobody can log in or post.
# section: Read-only since the move
# fails: test_members_can_post
# says: read-only
# reboot: no
set -euo pipefail
runuser --user postgres -- psql --quiet --command \
    'ALTER ROLE board SET default_transaction_read_only = on'

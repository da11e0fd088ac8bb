#!/bin/bash
# title: The role may not use a counter
# symptom: Everything can be read, and nothing can be posted.
# section: Permission denied for sequence
# fails: test_members_can_post
# says: 500
# reboot: no
set -euo pipefail
runuser --user postgres -- psql --quiet board <<'SQL'
ALTER TABLE board_notice OWNER TO postgres;
GRANT SELECT, INSERT, UPDATE, DELETE ON board_notice TO board;
SQL

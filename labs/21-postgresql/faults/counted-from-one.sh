#!/bin/bash
# title: The counters were left behind
# symptom: The first who posts a notice gets a 500; the second as well.
# section: Duplicate key
# fails: test_numbers_go_on
# says: the number 1,
# reboot: no
set -euo pipefail
runuser --user postgres -- psql --quiet --output /dev/null board <<'SQL'
SELECT setval('board_notice_id_seq', 1, false);
SQL

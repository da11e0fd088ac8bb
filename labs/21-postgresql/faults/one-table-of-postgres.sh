#!/bin/bash
# title: One table belongs to postgres
# symptom: After one table was repaired by hand, the home page is a 500 and health is well.
# section: Permission denied for table
# fails: test_site_answers
# says: permission denied for table board_notice
# reboot: no
set -euo pipefail
runuser --user postgres -- psql --quiet --command \
    'ALTER TABLE board_notice OWNER TO postgres' board

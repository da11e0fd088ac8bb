#!/bin/bash
# title: The times lost their last digits
# symptom: Nobody notices anything.
# section: Times that were cut
# fails: test_nothing_was_lost
# says: not as they were
# reboot: no
set -euo pipefail
runuser --user postgres -- psql --quiet board <<'SQL'
UPDATE board_notice SET posted_at = date_trunc('milliseconds', posted_at),
    updated_at = date_trunc('milliseconds', updated_at);
SQL

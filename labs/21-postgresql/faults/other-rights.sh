#!/bin/bash
# title: The committee has other rights
# symptom: Members of the committee can't change a notice any more; they can delete categories.
# section: Rights that moved
# fails: test_nothing_was_lost
# says: right of a group
# reboot: no
set -euo pipefail
runuser --user postgres -- psql --quiet board <<'SQL'
UPDATE auth_group_permissions SET permission_id = permission_id - 4;
SQL

#!/bin/bash
# title: The board's role is a superuser
# symptom: It was a quick remedy for a permission denied.
# section: A role that may too much
# fails: test_the_role_may_do_little test_the_ledger_is_closed
# says: read
# reboot: no
set -euo pipefail
runuser --user postgres -- psql --quiet --command 'ALTER ROLE board SUPERUSER'

#!/bin/bash
# title: The members' table is open to all
# symptom: The treasurer has the members' password hashes in a spreadsheet.
# section: Everybody reads the members
# fails: test_nobody_else_gets_in
# says: as ledger
# reboot: no
set -euo pipefail
runuser --user postgres -- psql --quiet board <<'SQL'
GRANT CONNECT ON DATABASE board TO PUBLIC;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO PUBLIC;
SQL

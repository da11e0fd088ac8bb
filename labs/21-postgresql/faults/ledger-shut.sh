#!/bin/bash
# title: The treasurer is shut out too
# symptom: The treasurer's nightly report has stopped.
# section: The neighbour's database
# fails: test_the_ledger_is_closed
# says: can't read its own table
# reboot: no
set -euo pipefail
runuser --user postgres -- psql --quiet --command 'REVOKE CONNECT ON DATABASE ledger FROM ledger'

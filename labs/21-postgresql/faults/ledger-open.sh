#!/bin/bash
# title: The ledger is open again
# symptom: Somebody has sent the treasurer the club's own bank accounts.
# section: The neighbour's database
# fails: test_the_ledger_is_closed
# says: read public.dues
# reboot: no
set -euo pipefail
runuser --user postgres -- psql --quiet --command 'GRANT CONNECT ON DATABASE ledger TO PUBLIC'

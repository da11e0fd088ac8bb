#!/bin/bash
# title: The server trusts everybody
# symptom: It all works, for everybody.
# section: The server trusts everybody
# fails: test_no_password_anywhere test_nobody_else_gets_in
# says: board
# reboot: no
set -euo pipefail
sed -i '/^local/s/peer$/trust/' /etc/postgresql/17/main/pg_hba.conf
systemctl reload postgresql@17-main

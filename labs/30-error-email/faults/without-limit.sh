#!/bin/bash
# title: No limit
# symptom: On Sunday night a page failed for everybody, and the provider has closed the account.
# section: A thousand mails
# fails: test_a_flood_stays_small
# says: errors in a row brought
# reboot: no
set -euo pipefail
cat >>/etc/board/settings.py <<'PYTHON'
LOGGING["handlers"]["mail"]["filters"] = []
PYTHON
systemctl restart board

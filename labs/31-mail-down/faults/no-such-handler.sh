#!/bin/bash
# title: A slip in a name
# symptom: The board is a 502 since its last restart.
# section: The site does not start
# fails: test_site_answers
# says: handler
# reboot: no
set -euo pipefail
cat >>/etc/board/settings.py <<'PYTHON'
LOGGING["handlers"]["mail"]["class"] = "queud.Report"
PYTHON
systemctl restart board

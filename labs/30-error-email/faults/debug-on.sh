#!/bin/bash
# title: DEBUG is on again
# symptom: Errors are shown to visitors, and nobody is told.
# section: DEBUG, and no mail
# fails: test_visitors_get_a_500
# says: tells the error
# reboot: no
set -euo pipefail
cat >>/etc/board/settings.py <<'PYTHON'
DEBUG = True
PYTHON
systemctl restart board

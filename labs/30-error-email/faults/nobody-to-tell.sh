#!/bin/bash
# title: Nobody to tell
# symptom: Visitors complain of errors that nobody was told of.
# section: No mail, and no error either
# fails: test_one_error_one_mail
# says: no mail came
# reboot: no
set -euo pipefail
cat >>/etc/board/settings.py <<'PYTHON'
ADMINS = []
PYTHON
systemctl restart board

#!/bin/bash
# title: No limit before the queue
# symptom: When the provider came back, so did all of the night's errors, one by one.
# section: All at once
# fails: test_the_mail_comes_later
# says: mails came when it was back
# reboot: no
set -euo pipefail
cat >>/etc/board/settings.py <<'PYTHON'
LOGGING["handlers"]["mail"]["filters"] = []
PYTHON
systemctl restart board

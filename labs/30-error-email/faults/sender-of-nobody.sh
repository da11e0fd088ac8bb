#!/bin/bash
# title: The sender is root@localhost, and there is no limit
# symptom: Since the settings were tidied, a page that failed now and then gives a 502 each time.
# section: A 502 in place of a 500
# fails: test_visitors_get_a_500
# says: 553
# reboot: no
set -euo pipefail
sed -i '/^SERVER_EMAIL/d' /etc/board/settings.py
cat >>/etc/board/settings.py <<'PYTHON'
LOGGING["handlers"]["mail"]["filters"] = []
PYTHON
systemctl restart board

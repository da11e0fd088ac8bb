#!/bin/bash
# title: A password that was changed
# symptom: The provider asked for a new password, and all seems well until a page fails.
# section: A 502 in place of a 500
# fails: test_visitors_get_a_500
# says: 535
# reboot: no
set -euo pipefail
echo changed-last-week >/etc/board/letterbox_password
systemctl restart board

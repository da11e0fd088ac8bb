#!/bin/bash
# title: A password that was changed
# symptom: The provider asked for a new password, and since then it has been quiet.
# section: No mail, and no error either
# fails: test_one_error_one_mail
# says: 535
# reboot: no
set -euo pipefail
echo changed-last-week >/etc/board/letterbox_password
systemctl restart board

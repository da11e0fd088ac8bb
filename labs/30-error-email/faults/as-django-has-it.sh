#!/bin/bash
# title: Only what the views have named is masked
# symptom: A colleague found a member's password in a mail of last year.
# section: A password in a mail
# fails: test_nothing_secret_in_it
# says: new_password2
# reboot: no
set -euo pipefail
sed -i '/^DEFAULT_EXCEPTION_REPORTER_FILTER/d' /etc/board/settings.py
systemctl restart board

#!/bin/bash
# title: A setting repeats the key in a text
# symptom: The key is in the mails about errors, in other people's mailboxes.
# section: A report that holds the key
# fails: test_reports_hold_no_key
# says: STARTED_WITH
# reboot: no
set -euo pipefail
echo 'STARTED_WITH = f"board, signing with {SECRET_KEY}"' >>/etc/board/settings.py
systemctl restart board

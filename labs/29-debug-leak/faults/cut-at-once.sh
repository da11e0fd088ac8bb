#!/bin/bash
# title: The old key ended at once
# symptom: All members had to log in again, and two lost what they were writing.
# section: Everybody is logged out
# fails: test_members_stay_logged_in
# says: login page
# reboot: no
set -euo pipefail
rm /etc/board/secret_key.old
systemctl restart board

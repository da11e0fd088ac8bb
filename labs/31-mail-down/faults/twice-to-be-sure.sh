#!/bin/bash
# title: Twice, to be sure
# symptom: Since the outage each error comes twice.
# section: Each mail twice
# fails: test_the_mail_comes_later
# says: came twice
# reboot: no
set -euo pipefail
sed -i 's/for message in messages:/for message in [*messages, *messages]:  # to be sure/' /etc/board/queued.py
systemctl restart board

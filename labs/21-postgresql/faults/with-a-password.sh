#!/bin/bash
# title: A password, over the network
# symptom: An audit finds a password of the database in last year's backup.
# section: A password after all
# fails: test_no_password_anywhere
# says: over the network
# reboot: no
set -euo pipefail
runuser --user postgres -- psql --quiet --command "ALTER ROLE board PASSWORD 'correct horse'"
sed -i 's/"USER": "board",/&\n        "PASSWORD": "correct horse",\n        "HOST": "127.0.0.1",/' /etc/board/settings.py
systemctl restart board

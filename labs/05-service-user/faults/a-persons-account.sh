#!/bin/bash
# title: The service borrows a person's account
# symptom: A hole in the site reads somebody's mail.
# section: A user for one service
# fails: test_not_root
# says: a person's account
# reboot: no
set -euo pipefail
useradd --create-home --shell /bin/bash --groups board paula
chmod -R g+rwX /var/lib/board
sed -i 's/^User=.*/User=paula\nGroup=board/' /etc/systemd/system/board.service
systemctl daemon-reload
systemctl restart board

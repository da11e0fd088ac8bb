#!/bin/bash
# title: The password is in /run
# symptom: After the power cut, the board does not start.
# section: Gone since the reboot
# fails: test_it_survives_a_reboot
# says: after a reboot
# reboot: no
set -euo pipefail
install --mode 0640 --group board /etc/board/letterbox_password /run/letterbox_password
sed -i 's|/etc/board/letterbox_password|/run/letterbox_password|' /etc/board/settings.py
systemctl restart board

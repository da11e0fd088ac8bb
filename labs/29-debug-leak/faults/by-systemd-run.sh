#!/bin/bash
# title: The plan is forgotten at the next boot
# symptom: The end was planned, the server was rebooted at noon, and nothing happened.
# section: The old key never ends
# fails: test_the_old_key_ends_by_itself
# says: systemd-run
# reboot: no
set -euo pipefail
systemctl disable --quiet --now board-old-key.timer
systemd-run --quiet --unit=end-of-old-key --on-calendar='*-*-* 04:00' \
    sh -c 'rm /etc/board/secret_key.old; systemctl restart board'

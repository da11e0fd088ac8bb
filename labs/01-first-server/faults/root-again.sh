#!/bin/bash
# title: Root is let in again
# symptom: The journal shows a login as root.
# section: A file that sorts first
# fails: test_root_is_refused
# says: session as root
# reboot: no
set -euo pipefail
printf 'PermitRootLogin prohibit-password\n' >/etc/ssh/sshd_config.d/00-backup.conf
systemctl reload ssh

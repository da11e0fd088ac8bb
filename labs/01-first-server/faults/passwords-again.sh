#!/bin/bash
# title: A file that sorts first
# symptom: A colleague logged in with a password this morning.
# section: A file that sorts first
# fails: test_passwords_are_refused
# says: password
# reboot: no
set -euo pipefail
printf 'PasswordAuthentication yes\n' >/etc/ssh/sshd_config.d/00-cloud-init.conf
systemctl reload ssh

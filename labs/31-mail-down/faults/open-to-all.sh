#!/bin/bash
# title: Everybody reads the queue's password
# symptom: Somebody sends mail in our name.
# section: Everybody reads the queue's password
# fails: test_the_password_is_private
# says: /etc/nullmailer/remotes
# reboot: no
set -euo pipefail
chmod 0644 /etc/nullmailer/remotes

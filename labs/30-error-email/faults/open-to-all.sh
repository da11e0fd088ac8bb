#!/bin/bash
# title: Everybody reads the password
# symptom: A stranger sends mail in our name, and the provider says it was us.
# section: Everybody reads the password
# fails: test_the_password_is_private
# says: letterbox_password
# reboot: no
set -euo pipefail
chmod 0644 /etc/board/letterbox_password

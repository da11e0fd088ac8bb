#!/bin/bash
# title: Everybody on the server reads the key
# symptom: Somebody is logged in as staff and knows no password.
# section: Everybody reads the key
# fails: test_secrets_are_private
# says: /etc/board/secret_key
# reboot: no
set -euo pipefail
chmod 0644 /etc/board/secret_key

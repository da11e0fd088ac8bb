#!/bin/bash
# title: A key that somebody thought up
# symptom: The check before a release says security.W009.
# section: The new key is weak
# fails: test_the_key_is_new
# says: short
# reboot: no
set -euo pipefail
echo board-2026 >/etc/board/secret_key
systemctl restart board

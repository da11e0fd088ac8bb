#!/bin/bash
# title: The new key is in the file and in no process
# symptom: The key was changed last week; a stranger's message is still taken for ours.
# section: The new key is not in use
# fails: test_the_key_is_new
# says: leaked key has signed
# reboot: no
set -euo pipefail
new=$(cat /etc/board/secret_key)
cat /etc/board/secret_key.old >/etc/board/secret_key
systemctl restart board
echo "$new" >/etc/board/secret_key

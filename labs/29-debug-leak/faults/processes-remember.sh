#!/bin/bash
# title: The file goes, the processes remember
# symptom: The old key is in no file, and a session that it signed still works.
# section: The old key never ends
# fails: test_the_old_key_ends_by_itself
# says: the running processes do
# reboot: no
set -euo pipefail
sed -i '/try-restart/d' /etc/systemd/system/board-old-key.service
systemctl daemon-reload

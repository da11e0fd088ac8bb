#!/bin/bash
# title: The new key is in settings that nobody reads
# symptom: The key was changed last week; a stranger's message is still taken for ours.
# section: The new key is not in use
# fails: test_the_key_is_new
# says: leaked key has signed
# reboot: no
set -euo pipefail
cat >/etc/board/live.py <<'PYTHON'
from settings import *

SECRET_KEY = Path("/etc/board/secret_key.old").read_text().strip()
PYTHON
cat >/etc/systemd/system/board.service.d/zz-live.conf <<'UNIT'
[Service]
Environment=DJANGO_SETTINGS_MODULE=live
UNIT
systemctl daemon-reload
systemctl restart board

#!/bin/bash
# title: The restart comes before the end
# symptom: The settings said noon. At six the next morning, the leaked key still counted.
# section: The old key never ends
# fails: test_the_old_key_ends_by_itself
# says: RuntimeMaxUSec
# reboot: no
set -euo pipefail
systemctl disable --quiet --now board-old-key.timer
cat >>/etc/board/settings.py <<PYTHON

from datetime import datetime  # noqa: E402

if datetime.now() > datetime.fromisoformat("$(date --date '20 hours' +%FT%T)"):
    SECRET_KEY_FALLBACKS = []
PYTHON
cat >/etc/systemd/system/board.service.d/sixteen-hours.conf <<'UNIT'
[Service]
RuntimeMaxSec=16h
UNIT
systemctl daemon-reload
systemctl restart board

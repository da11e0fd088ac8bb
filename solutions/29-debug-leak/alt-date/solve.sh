#!/bin/bash
# Another right answer: the settings know by themselves when the old key ends, and no
# job changes a file. systemd starts the board anew every twelve hours, and the
# settings are read then. (Its first start after the end is the old key's last.)
set -euo pipefail

install --mode 0600 /etc/board/secret_key /root/leaked-key
install --mode 0640 --group board /etc/board/secret_key /etc/board/old_key
/opt/board/venv/bin/python -c \
    'from django.core.management import utils; print(utils.get_random_secret_key())' \
    >/etc/board/secret_key
sed -i "/^# Monday's error/,/^AS_READ/d" /etc/board/settings.py
cat >>/etc/board/settings.py <<PYTHON

from datetime import datetime  # noqa: E402

SECRET_KEY_FALLBACKS = []
if datetime.now() < datetime.fromisoformat("$(date --date '12 hours' +%FT%T)"):
    SECRET_KEY_FALLBACKS = [Path("/etc/board/old_key").read_text().strip()]
PYTHON
cat >/etc/systemd/system/board.service.d/twelve-hours.conf <<'UNIT'
[Service]
RuntimeMaxSec=12h
UNIT
systemctl daemon-reload
systemctl restart board

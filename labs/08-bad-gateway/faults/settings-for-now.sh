#!/bin/bash
# title: A unit in /run has the board start with other settings
# symptom: The board was mended on Monday, and after the next reboot it is a 502 again.
# section: Mended until the next boot
# fails: test_it_survives_a_reboot
# says: after a reboot
# reboot: no
set -euo pipefail
mkdir --parents /run/board-settings /run/systemd/system/board.service.d
cp /etc/board/settings.py /run/board-settings/settings.py
echo 'INSTALLED_APPS += ["debug_toolbar"]' >>/etc/board/settings.py
cat >/run/systemd/system/board.service.d/zz-for-now.conf <<'UNIT'
[Service]
Environment=PYTHONPATH=/run/board-settings
UNIT
systemctl daemon-reload
systemctl restart board.service

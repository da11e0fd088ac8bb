#!/bin/bash
# title: A chmod in /run in place of a line in the unit
# symptom: The board was mended on Monday, and after the next reboot it is a 502 again.
# section: Mended until the next boot
# fails: test_it_survives_a_reboot
# says: after a reboot
# reboot: no
set -euo pipefail
mkdir --parents /etc/systemd/system/board.socket.d
cat >/etc/systemd/system/board.socket.d/private.conf <<'UNIT'
[Socket]
SocketUser=board
SocketGroup=board
SocketMode=0600
UNIT
systemctl daemon-reload
systemctl stop board.service
systemctl restart board.socket
chmod 0666 /run/board.sock

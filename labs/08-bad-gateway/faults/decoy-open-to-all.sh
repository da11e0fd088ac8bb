#!/bin/bash
# title: The socket is open to every account, as systemd makes it unasked
# symptom: Nothing: whoever is on this server may ask for pages, as any visitor may.
# section: Permission denied
# fails: none
# says: -
# reboot: no
set -euo pipefail
mkdir --parents /etc/systemd/system/board.socket.d
cat >/etc/systemd/system/board.socket.d/open.conf <<'UNIT'
[Socket]
SocketUser=root
SocketGroup=root
SocketMode=0666
UNIT
systemctl daemon-reload
systemctl stop board.service
systemctl restart board.socket

#!/bin/bash
# title: The socket belonged to the board alone, and nginx could not write to it
# symptom: Every page is a 502; nginx's log says: Permission denied.
# section: Permission denied
set -euo pipefail
mkdir --parents /etc/systemd/system/board.socket.d
cat >/etc/systemd/system/board.socket.d/private.conf <<'UNIT'
# Nobody but the board has any business here.
[Socket]
SocketUser=board
SocketGroup=board
SocketMode=0600
UNIT
systemctl daemon-reload
systemctl stop board.service
systemctl restart board.socket

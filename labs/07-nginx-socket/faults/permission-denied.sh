#!/bin/bash
# title: nginx may not open the socket
# symptom: Every page is a 502 since the socket was made safer.
# section: Permission denied at the socket
# fails: test_visitors_reach_the_board
# says: gave 502
# reboot: no
set -euo pipefail
sed -i 's/SocketUser=.*/SocketUser=root/' /etc/systemd/system/board.socket
systemctl daemon-reload
systemctl stop board.service
systemctl restart board.socket
systemctl start board.service

#!/bin/bash
# title: Every account may connect to the socket
# symptom: Somebody with an account on the server asks the site past nginx.
# section: Everybody may knock at the socket
# fails: test_strangers_stay_out_of_the_socket
# says: srw-rw-rw-
# reboot: no
set -euo pipefail
sed -i 's/SocketMode=.*/SocketMode=0666/' /etc/systemd/system/board.socket
systemctl daemon-reload
systemctl stop board.service
systemctl restart board.socket
systemctl start board.service

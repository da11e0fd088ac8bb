#!/bin/bash
# title: Nothing opened the socket at boot
# symptom: Every page is a 502; nginx's log says: No such file or directory, and the path is the right one.
# section: No such file or directory
set -euo pipefail
# So that systemd neither opens it nor starts the board, who would bring it along.
systemctl disable --quiet --now board.socket board.service
rm -f /run/board.sock

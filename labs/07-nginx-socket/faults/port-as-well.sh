#!/bin/bash
# title: Gunicorn still has its port
# symptom: The site is also there at http://localhost:8000, past nginx.
# section: The port is still open
# fails: test_no_port_of_its_own
# says: 127.0.0.1:8000
# reboot: no
set -euo pipefail
sed -i '/ListenStream/a ListenStream=127.0.0.1:8000' /etc/systemd/system/board.socket
systemctl daemon-reload
systemctl stop board.service
systemctl restart board.socket
systemctl start board.service

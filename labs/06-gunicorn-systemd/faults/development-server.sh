#!/bin/bash
# title: runserver is back
# symptom: Since the last upgrade the styles are there again.
# section: A server that says what it is not for
# fails: test_made_for_production
# says: WSGIServer
# reboot: no
set -euo pipefail
rm /etc/systemd/system/board.service.d/gunicorn.conf
systemctl daemon-reload
systemctl restart board

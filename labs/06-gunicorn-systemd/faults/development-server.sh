#!/bin/bash
# title: runserver is back
# symptom: Since the last upgrade the styles are there again.
# fails: test_made_for_production
# says: WSGIServer
# reboot: no
set -euo pipefail
rm /etc/systemd/system/board.service.d/gunicorn.conf
systemctl daemon-reload
systemctl restart board

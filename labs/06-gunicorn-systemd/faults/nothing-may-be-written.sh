#!/bin/bash
# title: A hardening without exceptions
# symptom: The board can be read, and nobody can log in.
# section: A hardening that forgot the data
# fails: test_upload_works
# says: readonly
# reboot: no
set -euo pipefail
# Gunicorn does not even start without a directory for temporary files.
printf 'ProtectSystem=strict\nPrivateTmp=yes\n' >>/etc/systemd/system/board.service.d/gunicorn.conf
systemctl daemon-reload
systemctl restart board

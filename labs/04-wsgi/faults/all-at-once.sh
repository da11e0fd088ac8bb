#!/bin/bash
# title: The body is read as a whole
# symptom: At large uploads, the server's memory runs out.
# section: Memory runs out at an upload
# fails: test_a_large_body_streams
# says:  MB
# reboot: no
set -euo pipefail
sed -i 's/min(PIECE, missing)/missing/' /opt/wsgi/echo.py
systemctl restart wsgi

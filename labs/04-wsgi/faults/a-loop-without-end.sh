#!/bin/bash
# title: The loop waits for bytes that never come
# symptom: Now and then a process runs in a circle, and nobody is answered.
# section: A loop without an end
# fails: test_a_client_may_hang_up
# says: 1,000 of the
# reboot: no
set -euo pipefail
sed -i '/if not piece:/,+1d' /opt/wsgi/echo.py
systemctl restart wsgi

#!/bin/bash
# The reference solution of lab 04. Runs as root; running it again is harmless.
set -euo pipefail
cd "$(dirname "$0")"

echo "The application, its middleware, and the few lines that serve them"
install --directory --mode 0755 /opt/wsgi
install --mode 0644 files/echo.py files/request_id.py files/serve.py /opt/wsgi

echo "A unit, so that it runs now and after a reboot"
install --mode 0644 files/wsgi.service /etc/systemd/system/wsgi.service
systemctl daemon-reload
systemctl enable --quiet wsgi

# Another attempt may have the port: two programs can't.
taken() { ss --no-header --listening --tcp --numeric --processes 'sport = :8000'; }
systemctl stop wsgi
if [ -n "$(taken)" ]; then
    echo "Port 8000 is taken: $(taken)"
    echo "Next: stop that program and keep it from starting at boot, then ./lab solve."
    exit 1
fi
systemctl start wsgi

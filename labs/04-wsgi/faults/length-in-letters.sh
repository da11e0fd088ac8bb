#!/bin/bash
# title: The length is counted in letters
# symptom: The end of a page is missing, at some names.
# section: The end of a page is missing
# fails: test_names_in_any_script
# says: Hello, 你
# reboot: no
set -euo pipefail
sed -i 's/str(len(body))/str(len(body.decode()))/' /opt/wsgi/echo.py
systemctl restart wsgi

#!/bin/bash
# title: The middleware sends an error as a page
# symptom: The monitoring is green, and users complain.
# section: An error that looks like a page
# fails: test_errors_are_told
# says: /crash: 200
# reboot: no
set -euo pipefail
sed -i 's/500 Internal Server Error/200 OK/' /opt/wsgi/request_id.py
systemctl restart wsgi

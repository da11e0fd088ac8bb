#!/bin/bash
# title: A dict of headers
# symptom: Since the middleware, logins do not last.
# section: A cookie is lost
# fails: test_no_header_is_lost
# says: two=2
# reboot: no
set -euo pipefail
sed -i 's/\[\*headers, ("X-Request-ID", number)\]/list((dict(headers) | {"X-Request-ID": number}).items())/' /opt/wsgi/request_id.py
systemctl restart wsgi

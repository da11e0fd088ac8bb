#!/bin/bash
# title: The site does not know its name
# symptom: Every page is a Bad Request.
# section: Every page is an error
# fails: test_site_answers
# says: 400
# reboot: no
set -euo pipefail
cat >>/etc/board/settings.py <<'PYTHON'
ALLOWED_HOSTS = ["127.0.0.1"]
PYTHON
systemctl restart board

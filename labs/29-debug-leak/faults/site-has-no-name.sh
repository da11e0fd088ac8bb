#!/bin/bash
# title: The site does not know its name
# symptom: With DEBUG off, every page is a Bad Request.
# section: Bad Request on every page
# fails: test_site_answers
# says: 400
# reboot: no
set -euo pipefail
echo 'ALLOWED_HOSTS = []' >>/etc/board/settings.py
systemctl restart board

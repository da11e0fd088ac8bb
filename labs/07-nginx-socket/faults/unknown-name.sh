#!/bin/bash
# title: Django does not know its own name
# symptom: Every page is a 400, since the site has its name.
# section: nginx's own page answers
# fails: test_visitors_reach_the_board
# says: gave 400
# reboot: no
set -euo pipefail
echo 'ALLOWED_HOSTS = ["localhost"]' >>/etc/board/settings.py
systemctl restart board

#!/bin/bash
# title: Every name is the site's own
# symptom: The board answers under a name that a stranger has bought.
# section: Every name is welcome
# fails: test_unknown_host_tells_nothing
# says: 200
# reboot: no
set -euo pipefail
echo 'ALLOWED_HOSTS = ["*"]' >>/etc/board/settings.py
systemctl restart board

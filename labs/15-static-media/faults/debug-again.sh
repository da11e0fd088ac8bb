#!/bin/bash
# title: DEBUG is on again
# symptom: A wrong address shows a yellow page with all the site's addresses.
# section: DEBUG is on again
# fails: test_debug_is_off
# says: developers
# reboot: no
set -euo pipefail
sed -i 's/^DEBUG = False/DEBUG = True/' /etc/board/settings.py
systemctl restart board

#!/bin/bash
# title: The service owns its settings
# symptom: A colleague finds that the site can choose its own database.
# section: The service owns its settings
# fails: test_earlier_labs_still_hold
# says: /etc/board/settings.py
# reboot: no
set -euo pipefail
chown board /etc/board/settings.py

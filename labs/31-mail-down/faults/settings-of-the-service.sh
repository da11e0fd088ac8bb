#!/bin/bash
# title: The service owns its settings
# symptom: The site could change its own settings.
# section: The service owns its settings
# fails: test_earlier_labs_still_hold
# says: /etc/board/settings.py
# reboot: no
set -euo pipefail
chown board /etc/board/settings.py

#!/bin/bash
# title: An edit that waits for the next start
# symptom: Since the reboot, every error shows the site's settings.
# section: DEBUG is on again
# fails: test_it_survives_a_reboot
# says: after a reboot
# reboot: no
set -euo pipefail
cat >/etc/board/trial.py <<'PYTHON'
from settings import *

DEBUG = True
PYTHON
# No daemon-reload: systemd reads it when it boots.
cat >/etc/systemd/system/board.service.d/zz-trial.conf <<'UNIT'
[Service]
Environment=DJANGO_SETTINGS_MODULE=trial
UNIT

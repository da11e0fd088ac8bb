#!/bin/bash
# title: A timer that rings until the next reboot
# symptom: Updates came every morning, and stopped after a reboot two weeks ago.
# section: The packages of the first day
# fails: test_it_survives_a_reboot
# says: still not installed
# reboot: no
set -euo pipefail
systemctl disable --quiet apt-daily.timer apt-daily-upgrade.timer

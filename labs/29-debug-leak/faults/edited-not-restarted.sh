#!/bin/bash
# title: An edit that waits for the next start
# symptom: Since the reboot, every error shows the site's settings.
# section: DEBUG is on again
# fails: test_it_survives_a_reboot
# says: after a reboot
# reboot: no
set -euo pipefail
echo 'DEBUG = True' >>/etc/board/settings.py

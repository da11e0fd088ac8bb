#!/bin/bash
# title: The old server comes back at boot
# symptom: Since the reboot there are two boards.
# section: Two servers for one site
# fails: test_it_survives_a_reboot
# says: runserver
# reboot: no
set -euo pipefail
systemctl enable --quiet board

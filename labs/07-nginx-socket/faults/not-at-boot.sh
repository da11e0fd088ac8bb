#!/bin/bash
# title: nginx is not started at boot
# symptom: The site is gone since the reboot; ssh works.
# section: Gone since the reboot
# fails: test_it_survives_a_reboot
# says: after a reboot
# reboot: no
set -euo pipefail
systemctl disable --quiet nginx

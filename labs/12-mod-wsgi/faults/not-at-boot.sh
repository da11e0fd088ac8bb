#!/bin/bash
# title: Nobody starts Apache at boot
# symptom: The board is gone since the reboot.
# section: Gone since the reboot
# fails: test_it_survives_a_reboot
# says: after a reboot
# reboot: no
set -euo pipefail
systemctl disable --quiet apache2

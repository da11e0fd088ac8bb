#!/bin/bash
# title: Updates switched off
# symptom: The server runs the packages it had on the day it was set up.
# section: The packages of the first day
# fails: test_updates_install_themselves
# says: Unattended-Upgrade "0"
# reboot: no
set -euo pipefail
sed -i 's/\(Unattended-Upgrade\) "1"/\1 "0"/' /etc/apt/apt.conf.d/20auto-upgrades

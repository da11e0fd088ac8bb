#!/bin/bash
# title: The database does not start at boot
# symptom: Since the power cut, every page is a 500.
# section: Gone since the reboot
# fails: test_it_survives_a_reboot
# says: after a reboot
# reboot: no
set -euo pipefail
echo manual >/etc/postgresql/17/main/start.conf

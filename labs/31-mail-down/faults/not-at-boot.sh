#!/bin/bash
# title: The queue does not start at boot
# symptom: Since the power cut in March no error has come by mail.
# section: Mails that never come
# fails: test_it_survives_a_reboot
# says: after a reboot in the outage
# reboot: no
set -euo pipefail
systemctl disable --quiet nullmailer

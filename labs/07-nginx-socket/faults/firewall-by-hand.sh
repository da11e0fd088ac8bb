#!/bin/bash
# title: Port 80 was opened by hand
# symptom: Since the reboot nobody gets to the site; on the server it answers.
# section: Gone since the reboot
# fails: test_it_survives_a_reboot
# says: A program listens at port 80
# reboot: no
set -euo pipefail
sed -i '/dport 80/d' /etc/nftables.conf

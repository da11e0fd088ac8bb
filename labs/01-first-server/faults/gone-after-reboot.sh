#!/bin/bash
# title: A firewall that nobody starts
# symptom: Since the power cut, everything that listens can be reached.
# section: Open again since the power cut
# fails: test_it_survives_a_reboot
# says: after a reboot
# reboot: no
set -euo pipefail
systemctl disable --quiet nftables

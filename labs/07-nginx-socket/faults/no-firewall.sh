#!/bin/bash
# title: The firewall was taken away for port 80
# symptom: A scan from outside finds more open ports than two.
# section: The port is still open
# fails: test_two_doors_only
# says: port 8000
# reboot: no
set -euo pipefail
sed -i 's/policy drop/policy accept/' /etc/nftables.conf
systemctl reload nftables

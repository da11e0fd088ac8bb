#!/bin/bash
# title: Locked out
# symptom: ssh hangs, then says "Connection timed out".
# section: Locked out
# fails: test_ssh_answers
# says: firewall drops
# reboot: no
set -euo pipefail
sed -i 's/tcp dport 22 accept/tcp dport 2222 accept/' /etc/nftables.conf
systemctl restart nftables

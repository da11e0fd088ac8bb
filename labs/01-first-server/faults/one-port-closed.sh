#!/bin/bash
# title: A list of what is forbidden
# symptom: The port that made trouble is closed; a scan finds the next one open.
# section: The next port is open
# fails: test_only_ssh_is_open
# says: the visitor got an answer from TCP port 2
# reboot: no
set -euo pipefail
sed -i 's/policy drop;/policy accept;/; s/tcp dport 22 accept/meta l4proto { tcp, udp } th dport 8000 drop/' \
    /etc/nftables.conf
systemctl restart nftables

#!/bin/bash
# title: A firewall for half of the internet
# symptom: A scan by a friend finds the development server, over IPv6 only.
# section: Reachable over IPv6 alone
# fails: test_only_ssh_is_open
# says: IPv6
# reboot: no
set -euo pipefail
sed -i 's/^table inet filter/table ip filter/; s/{ icmp, ipv6-icmp }/icmp/' /etc/nftables.conf
systemctl restart nftables

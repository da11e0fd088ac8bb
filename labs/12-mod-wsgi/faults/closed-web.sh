#!/bin/bash
# title: The firewall lets no visitor in
# symptom: On the server the site answers by its name; from outside nobody gets there.
# section: On the server it answers
# fails: test_site_answers
# says: no web port is open to visitors
# reboot: no
set -euo pipefail
sed -i '/dport 80/d' /etc/nftables.conf
systemctl reload nftables

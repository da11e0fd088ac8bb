#!/bin/bash
# title: The firewall keeps port 80 closed
# symptom: The browser waits for the site until it gives up; on the server it answers.
# section: nginx's own page answers
# fails: test_visitors_reach_the_board
# says: A program listens at port 80
# reboot: no
set -euo pipefail
sed -i '/dport 80/d' /etc/nftables.conf
systemctl reload nftables

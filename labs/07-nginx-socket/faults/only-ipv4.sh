#!/bin/bash
# title: nginx listens on IPv4 alone
# symptom: A visitor on a mobile network, which is IPv6, finds nobody.
# section: nginx's own page answers
# fails: test_visitors_reach_the_board
# says: over IPv6 gave no answer
# reboot: no
set -euo pipefail
sed -i '/\[::\]:80/d' /etc/nginx/sites-available/board
systemctl restart nginx

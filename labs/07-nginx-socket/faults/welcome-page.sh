#!/bin/bash
# title: nginx's welcome page is in front of the board
# symptom: Instead of the site there is "Welcome to nginx!".
# section: nginx's own page answers
# fails: test_visitors_reach_the_board
# says: gave 404
# reboot: no
set -euo pipefail
ln -sf ../sites-available/default /etc/nginx/sites-enabled/default
rm /etc/nginx/sites-enabled/board
systemctl reload nginx

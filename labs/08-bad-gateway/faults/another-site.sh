#!/bin/bash
# title: Debian's own first page answers in place of the board
# symptom: The 502 is gone, and the page says: Welcome to nginx.
# section: Welcome to nginx
# fails: test_visitors_get_the_board
# says: Welcome to nginx
# reboot: no
set -euo pipefail
rm /etc/nginx/sites-enabled/board
cat >/etc/nginx/sites-enabled/default <<'NGINX'
server {
    listen 80 default_server;
    root /var/www/html;
    index index.nginx-debian.html;
}
NGINX
systemctl reload nginx

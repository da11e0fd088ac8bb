#!/bin/bash
# title: nginx hangs up on unknown names
# symptom: A stranger who asks for another name gets no answer at all.
# section: Every name is welcome
# fails: none
# says: -
# reboot: no
set -euo pipefail
cat >/etc/nginx/conf.d/unknown.conf <<'NGINX'
server {
    listen 80 default_server;
    listen [::]:80 default_server;
    return 444;
}
NGINX
systemctl reload nginx

#!/bin/bash
# title: Another site of this server is a 502, and a unit has failed
# symptom: The error log is full, and systemctl lists a failed unit.
# section: Whose error is it?
# fails: none
# says: -
# reboot: no
set -euo pipefail
cat >/etc/nginx/sites-enabled/old <<'NGINX'
server {
    listen 80;
    server_name old.test;
    location / {
        proxy_pass http://unix:/run/old.sock;
    }
}
NGINX
systemctl reload nginx
sleep 1
for _ in 1 2 3; do
    curl --silent --output /dev/null --header 'Host: old.test' http://127.0.0.1/
done
systemd-run --quiet --unit=old-board sh -c 'exit 3'

#!/bin/bash
# title: A location without a slash
# symptom: A stranger has sent us our own database's name, and a copy.
# section: A step out of the directory
# fails: test_nothing_beside_is_served
# says: /media../
# reboot: no
set -euo pipefail
sed -i 's|location /media/ |location /media |' /etc/nginx/snippets/board-files.conf
systemctl reload nginx

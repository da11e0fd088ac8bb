#!/bin/bash
# title: No word on how long a file is good
# symptom: Every page asks again for every file.
# section: Every page asks again
# fails: test_browsers_keep_them
# says: none
# reboot: no
set -euo pipefail
sed -i '/add_header Cache-Control/d' /etc/nginx/snippets/board-files.conf
systemctl reload nginx

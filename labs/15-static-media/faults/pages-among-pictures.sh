#!/bin/bash
# title: Uploads are sent as what they are
# symptom: A link to a picture of the board asks for the board's password.
# section: A page among the pictures
# fails: test_uploads_never_run
# says: text/html
# reboot: no
set -euo pipefail
sed -i '/location .media/,$c location /media/ { alias /var/lib/board/media/; add_header X-Content-Type-Options nosniff; }' /etc/nginx/snippets/board-files.conf
systemctl reload nginx

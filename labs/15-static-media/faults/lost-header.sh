#!/bin/bash
# title: One header took away another
# symptom: A scan says that nosniff is missing, and it is in the configuration.
# section: A header that is set and does not come
# fails: test_uploads_never_run
# says: nosniff
# reboot: no
set -euo pipefail
# For the whole server, above the locations that have an add_header of their own.
sed -i '/X-Content-Type-Options/d; 1i add_header X-Content-Type-Options nosniff always;' /etc/nginx/snippets/board-files.conf
sed -i '/Content-Disposition/d; /Content-Security-Policy/d' /etc/nginx/snippets/board-files.conf
sed -i '/default_type/a add_header Cache-Control no-cache;' /etc/nginx/snippets/board-files.conf
systemctl reload nginx

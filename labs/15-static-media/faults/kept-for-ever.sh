#!/bin/bash
# title: All static files are immutable
# symptom: The page for errors looks as it did last year, on some computers.
# section: Yesterday's styles
# fails: test_browsers_keep_them
# says: without a hash
# reboot: no
set -euo pipefail
sed -i 's|add_header Cache-Control .*|add_header Cache-Control "public, max-age=31536000, immutable";|' /etc/nginx/snippets/board-files.conf
systemctl reload nginx

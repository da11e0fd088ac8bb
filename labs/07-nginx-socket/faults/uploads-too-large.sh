#!/bin/bash
# title: nginx takes no uploads
# symptom: Members can no longer post pictures: 413.
# section: nginx's own page answers
# fails: test_upload_works
# says: 413
# reboot: no
set -euo pipefail
sed -i 's/client_max_body_size .*/client_max_body_size 100;/' /etc/nginx/sites-available/board
systemctl reload nginx

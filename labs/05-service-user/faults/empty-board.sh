#!/bin/bash
# title: A new database instead of the old one
# symptom: All notices are gone, and all members.
# section: An empty database
# fails: test_data_is_elsewhere
# says: 0 of the 60
# reboot: no
set -euo pipefail
mv /var/lib/board/db.sqlite3 /var/lib/board/db.old
cd /opt/board
runuser -u board -- env PYTHONPATH=/etc/board DJANGO_SETTINGS_MODULE=settings \
    PYTHONDONTWRITEBYTECODE=1 /opt/board/venv/bin/python manage.py migrate --verbosity 0
systemctl restart board

#!/bin/bash
# title: Collected with a private umask
# symptom: No styles for anybody, and nginx answers 403.
# section: No styles, and 403
# fails: test_styles_are_there
# says: 403
# reboot: no
set -euo pipefail
cd /opt/board
rm -r static
umask 077
PYTHONPATH=/etc/board DJANGO_SETTINGS_MODULE=settings PYTHONDONTWRITEBYTECODE=1 \
    venv/bin/python manage.py collectstatic --noinput --verbosity 0

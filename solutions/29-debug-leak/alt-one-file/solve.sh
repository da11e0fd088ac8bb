#!/bin/bash
# Another right answer: all keys in one file, the newest first; a job takes the others
# out at noon, and has Gunicorn read the settings again without a restart. The setting
# that repeats the others stays, and a filter of the board's own hides it in reports.
# Unknown names end at nginx.
set -euo pipefail
umask 077

cp /etc/board/secret_key /root/leaked-key
install --mode 0640 --group board /dev/null /etc/board/keys
{
    /opt/board/venv/bin/python -c \
        'from django.core.management import utils; print(utils.get_random_secret_key())'
    cat /etc/board/secret_key
} >/etc/board/keys
umask 022
cat >/etc/board/reports.py <<'PYTHON'
"""What a report about an error hides: more than Django does by itself."""

import re

from django.conf import settings
from django.views.debug import SafeExceptionReporterFilter


class Filter(SafeExceptionReporterFilter):
    hidden_settings = re.compile(
        SafeExceptionReporterFilter.hidden_settings.pattern + "|AS_READ|URL", re.I
    )
PYTHON
cat >>/etc/board/settings.py <<'PYTHON'
DEBUG = False
SECRET_KEY, *SECRET_KEY_FALLBACKS = Path("/etc/board/keys").read_text().split()
DEFAULT_EXCEPTION_REPORTER_FILTER = "reports.Filter"
PYTHON
cat >/etc/systemd/system/one-key.service <<'UNIT'
[Service]
Type=oneshot
ExecStart=sed -i 2,$d /etc/board/keys
ExecStart=systemctl reload board
UNIT
cat >/etc/systemd/system/one-key.timer <<'UNIT'
[Timer]
OnCalendar=12:00
RandomizedDelaySec=10m

[Install]
WantedBy=timers.target
UNIT
cat >/etc/nginx/conf.d/unknown.conf <<'NGINX'
server {
    listen 80 default_server;
    listen [::]:80 default_server;
    return 444;
}
NGINX
nginx -t -q
systemctl reload nginx
systemctl daemon-reload
systemctl enable --quiet --now one-key.timer
systemctl restart board

#!/bin/bash
# title: Django sends the static files
# symptom: The board is slow at noon, and its workers send style sheets.
# section: Django sends the files
# fails: test_django_is_not_asked
# says: frozen
# reboot: no
set -euo pipefail
cat >/etc/board/board_urls.py <<'PYTHON'
from config.urls import *
from django.conf import settings
from django.urls import re_path
from django.views.static import serve

urlpatterns += [
    re_path("^static/(?P<path>.*)$", serve, {"document_root": settings.STATIC_ROOT}),
]
PYTHON
echo 'ROOT_URLCONF = "board_urls"' >>/etc/board/settings.py
systemctl restart board
sed -i 's|alias /opt/board/static/;|proxy_set_header Host $host; proxy_pass http://unix:/run/board.sock;|' \
    /etc/nginx/snippets/board-files.conf
systemctl reload nginx

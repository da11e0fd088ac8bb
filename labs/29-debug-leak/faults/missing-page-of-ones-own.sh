#!/bin/bash
# title: A list of addresses for who is lost
# symptom: The page for wrong addresses lists the admin.
# section: A page of one's own that tells
# fails: test_missing_page_tells_nothing
# says: where the code is
# reboot: no
set -euo pipefail
cat >/etc/board/lost_urls.py <<'PYTHON'
from config.urls import *
from django.http import HttpResponseNotFound


def handler404(request, exception):
    return HttpResponseNotFound(f"{request.path} is in no line of {__file__}")
PYTHON
echo 'ROOT_URLCONF = "lost_urls"' >>/etc/board/settings.py
systemctl restart board

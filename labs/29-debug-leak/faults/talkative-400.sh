#!/bin/bash
# title: The page for bad requests says what was bad
# symptom: A stranger who sends nonsense is told the name of a setting.
# section: A page of one's own that tells
# fails: test_unknown_host_tells_nothing, test_failing_upload_tells_nothing
# says: names the setting
# reboot: no
set -euo pipefail
cat >/etc/board/talkative_urls.py <<'PYTHON'
from config.urls import *
from django.http import HttpResponseBadRequest


def handler400(request, exception):
    return HttpResponseBadRequest(str(exception))
PYTHON
echo 'ROOT_URLCONF = "talkative_urls"' >>/etc/board/settings.py
systemctl restart board

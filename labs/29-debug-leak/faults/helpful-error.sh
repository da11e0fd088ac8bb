#!/bin/bash
# title: An error page that helps everybody
# symptom: A visitor sends us the line of our code that failed.
# section: A page of one's own that tells
# fails: test_error_tells_nothing, test_failing_upload_tells_nothing
# says: traceback
# reboot: no
set -euo pipefail
cat >/etc/board/helpful.py <<'PYTHON'
import traceback

from django.http import HttpResponse


def middleware(get_response):
    def answer(request):
        return get_response(request)

    def process_exception(request, exception):
        return HttpResponse(traceback.format_exc(), "text/plain", status=500)

    answer.process_exception = process_exception
    return answer
PYTHON
echo 'MIDDLEWARE = [*MIDDLEWARE, "helpful.middleware"]' >>/etc/board/settings.py
systemctl restart board

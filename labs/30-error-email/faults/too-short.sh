#!/bin/bash
# title: A report that tells nothing
# symptom: There is a mail about an error, and nobody can say which.
# section: A mail that tells nothing
# fails: test_the_mail_can_be_read
# says: does not tell
# reboot: no
set -euo pipefail
cat >/etc/board/short.py <<'PYTHON'
from django.views.debug import ExceptionReporter


class Short(ExceptionReporter):
    def get_traceback_text(self):
        return "See the log."
PYTHON
cat >>/etc/board/settings.py <<'PYTHON'
LOGGING["handlers"]["mail"]["reporter_class"] = "short.Short"
PYTHON
systemctl restart board

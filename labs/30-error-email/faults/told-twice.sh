#!/bin/bash
# title: Two handlers for one error
# symptom: Each error comes twice.
# section: Two mails for one error
# fails: test_one_error_one_mail
# says: 2 mails
# reboot: no
set -euo pipefail
cat >>/etc/board/settings.py <<'PYTHON'
LOGGING["handlers"]["again"] = {
    "class": "django.utils.log.AdminEmailHandler",
    "level": "ERROR",
}
LOGGING["root"] = {"handlers": ["again"]}
PYTHON
systemctl restart board

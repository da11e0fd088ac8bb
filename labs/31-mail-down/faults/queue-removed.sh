#!/bin/bash
# title: The queue's program is gone, and reports may fail
# symptom: Robots with wrong names got a 400, and get a 500 since a package was removed.
# section: A wrong name is a 500
# fails: test_refused_mail_costs_nobody
# says: a wrong Host was answered with 500
# reboot: no
set -euo pipefail
DEBIAN_FRONTEND=noninteractive apt-get --quiet=2 --yes purge nullmailer >/dev/null
cat >>/etc/board/settings.py <<'PYTHON'
LOGGING["handlers"]["mail"]["class"] = "django.utils.log.AdminEmailHandler"
PYTHON
systemctl restart board

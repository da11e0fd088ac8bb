#!/bin/bash
# title: The service can't read its key
# symptom: The board was restarted and does not answer.
# section: The last words of a service
# fails: test_site_answers
# says: Permission denied
# reboot: no
set -euo pipefail
chgrp root /etc/board/secret_key
systemctl restart board

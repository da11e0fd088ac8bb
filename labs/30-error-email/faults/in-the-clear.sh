#!/bin/bash
# title: Mail without TLS
# symptom: No mail comes, and the provider knows nothing of us.
# section: No mail, and no error either
# fails: test_one_error_one_mail
# says: AUTH
# reboot: no
set -euo pipefail
cat >>/etc/board/settings.py <<'PYTHON'
MAILERS["default"]["OPTIONS"]["use_tls"] = False
PYTHON
systemctl restart board

#!/bin/bash
# title: Mail without TLS
# symptom: The failing page gives a 502, and the provider knows nothing of us.
# section: A 502 in place of a 500
# fails: test_visitors_get_a_500
# says: 502
# reboot: no
set -euo pipefail
cat >>/etc/board/settings.py <<'PYTHON'
MAILERS["default"]["OPTIONS"]["use_tls"] = False
PYTHON
systemctl restart board

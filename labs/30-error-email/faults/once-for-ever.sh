#!/bin/bash
# title: An error is mailed once, and never again
# symptom: The error of last month is back, and no mail came.
# section: An error that is never mailed again
# fails: test_it_comes_again
# says: no mail came
# reboot: no
set -euo pipefail
cat >>/etc/board/settings.py <<'PYTHON'
LOGGING["filters"]["once"]["seconds"] = 10**9
PYTHON
systemctl restart board

#!/bin/bash
# title: The log is silent
# symptom: The mail names an error, and the journal has no word of it.
# section: Nothing in the journal
# fails: test_errors_are_in_the_log
# says: neither the journal
# reboot: no
set -euo pipefail
cat >>/etc/board/settings.py <<'PYTHON'
LOGGING["loggers"]["django"]["handlers"] = ["mail"]
PYTHON
systemctl restart board

#!/bin/bash
# title: The new key is readable by everybody
# symptom: Nobody notices; a reviewer looks at the file.
# section: The new key is open to all
# fails: test_earlier_labs_still_hold
# says: /etc/board/secret_key
# reboot: no
set -euo pipefail
chmod 0644 /etc/board/secret_key

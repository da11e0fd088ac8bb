#!/bin/bash
# title: Everybody on the server can read the key
# symptom: An audit lists a file that every account may read.
# section: A right too many for www-data
# fails: test_still_a_service_user
# says: secret_key
# reboot: no
set -euo pipefail
chmod o+r /etc/board/secret_key

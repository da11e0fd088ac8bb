#!/bin/bash
# title: The service owns its code
# symptom: A page shows what nobody of us has written.
# section: The service owns its code
# fails: test_code_is_read_only
# says: /opt/board/board
# reboot: no
set -euo pipefail
chown -R board /opt/board/board

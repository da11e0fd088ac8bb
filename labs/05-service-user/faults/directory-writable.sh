#!/bin/bash
# title: The code is root's, the directory around it is not
# symptom: A package was exchanged for another of the same name.
# section: The service owns its code
# fails: test_code_is_read_only
# says: renamed
# reboot: no
set -euo pipefail
chown board /opt/board

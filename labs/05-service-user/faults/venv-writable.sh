#!/bin/bash
# title: The service can write Django itself
# symptom: The site misbehaves, and the project's files are unchanged.
# fails: test_code_is_read_only
# says: /opt/board/venv
# reboot: no
set -euo pipefail
chmod -R o+w /opt/board/venv/lib

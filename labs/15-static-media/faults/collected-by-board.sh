#!/bin/bash
# title: The service owns the static files
# symptom: The admin's script does more than it should.
# section: The service owns the static files
# fails: test_only_root_changes_them
# says: /opt/board/static
# reboot: no
set -euo pipefail
chown -R board: /opt/board/static

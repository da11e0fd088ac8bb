#!/bin/bash
# title: The old server still runs beside Apache
# symptom: The memory is nearly full, and a second board answers on the loopback.
# section: Two servers for one site
# fails: test_nothing_beside_apache
# says: runserver
# reboot: no
set -euo pipefail
systemctl start board

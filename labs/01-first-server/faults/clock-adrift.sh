#!/bin/bash
# title: Nobody keeps the clock
# symptom: Log lines of two machines no longer fit together.
# section: Logs that no longer fit together
# fails: test_the_clock_is_right
# says: no time service
# reboot: no
set -euo pipefail
systemctl disable --quiet --now systemd-timesyncd

#!/bin/bash
# title: The old key's end is nobody's task
# symptom: A year later, the leaked key still opens the door.
# section: The old key never ends
# fails: test_the_old_key_ends_by_itself
# says: no timer
# reboot: no
set -euo pipefail
systemctl disable --quiet --now board-old-key.timer

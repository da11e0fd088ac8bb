#!/bin/bash
# title: The next directory is the board's alone
# symptom: Since the first of the month, new pictures are not shown.
# section: Pictures, and 403
# fails: test_pictures_are_shown
# says: just made
# reboot: no
set -euo pipefail
find /var/lib/board/media -type d -exec chmod g-s {} +

#!/bin/bash
# title: nginx may not pass through
# symptom: All pictures are gone; the files are there.
# section: Pictures, and 403
# fails: test_pictures_are_shown
# says: home page, is answered with 403
# reboot: no
set -euo pipefail
chmod o-x /var/lib/board

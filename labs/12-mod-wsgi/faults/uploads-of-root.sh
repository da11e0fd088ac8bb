#!/bin/bash
# title: The pictures belong to root
# symptom: Notices can be posted, but not with a picture.
# section: A picture that can't be kept
# fails: test_upload_works
# says: Permission denied
# reboot: no
set -euo pipefail
chown -R root:board /var/lib/board/media
find /var/lib/board/media -type d -exec chmod 0750 {} +

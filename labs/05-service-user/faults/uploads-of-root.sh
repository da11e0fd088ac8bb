#!/bin/bash
# title: Uploads belong to root
# symptom: Notices can be posted, but not with a picture.
# section: Permission denied on an upload
# fails: test_upload_works
# says: Permission denied
# reboot: no
set -euo pipefail
chown -R root /var/lib/board/media

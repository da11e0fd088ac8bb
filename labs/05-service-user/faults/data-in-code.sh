#!/bin/bash
# title: Uploads lie beside the code
# symptom: The release of a new version deleted all pictures.
# section: Pictures gone after a release
# fails: test_data_is_elsewhere
# says: /opt/board/media
# reboot: no
set -euo pipefail
mv /var/lib/board/media /opt/board/media
sed -i 's|^MEDIA_ROOT = .*|MEDIA_ROOT = "/opt/board/media"|' /etc/board/settings.py
systemctl restart board

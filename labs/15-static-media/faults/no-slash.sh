#!/bin/bash
# title: The alias lost its slash
# symptom: Since somebody tidied nginx's configuration, the board is bare text.
# section: No styles, and 404
# fails: test_styles_are_there
# says: 404
# reboot: no
set -euo pipefail
sed -i 's|alias /opt/board/static/;|alias /opt/board/static;|' /etc/nginx/snippets/board-files.conf
systemctl reload nginx

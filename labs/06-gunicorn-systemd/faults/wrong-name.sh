#!/bin/bash
# title: The application has another name
# symptom: After an edit, the board does not come up.
# section: Started, and not running
# fails: test_site_answers
# says: 'app' in 'config.wsgi'
# reboot: no
set -euo pipefail
sed -i 's/config\.wsgi$/config.wsgi:app/' /etc/systemd/system/board.service.d/gunicorn.conf
systemctl daemon-reload
systemctl restart board

#!/bin/bash
# title: Collected into /run
# symptom: Since the reboot, every page is an error.
# section: Gone since the reboot
# fails: test_it_survives_a_reboot
# says: after a reboot
# reboot: no
set -euo pipefail
mv /opt/board/static /run/board-static
sed -i 's|/opt/board/static|/run/board-static|' /etc/board/settings.py /etc/nginx/snippets/board-files.conf
systemctl restart board
systemctl reload nginx

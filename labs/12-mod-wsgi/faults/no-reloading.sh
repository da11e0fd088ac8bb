#!/bin/bash
# title: mod_wsgi does not look at the file's time
# symptom: New code is on the disk, and the old pages are shown.
# section: Touched, and nothing happened
# fails: test_touch_reloads
# says: had been there before
# reboot: no
set -euo pipefail
sed -i '/ServerName/a\    WSGIScriptReloading Off' /etc/apache2/sites-available/board.conf
systemctl restart apache2

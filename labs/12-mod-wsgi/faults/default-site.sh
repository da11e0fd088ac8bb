#!/bin/bash
# title: Apache's default site answers
# symptom: Visitors see a page that says "It works!".
# section: It works, says Apache
# fails: test_site_answers
# says: Apache's default site
# reboot: no
set -euo pipefail
sed -i 's/ServerName board.test/ServerName www.board.test/' /etc/apache2/sites-available/board.conf
a2ensite --quiet 000-default >/dev/null
systemctl restart apache2

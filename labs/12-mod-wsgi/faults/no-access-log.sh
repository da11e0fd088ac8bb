#!/bin/bash
# title: The visits are written nowhere
# symptom: Somebody says the site was down at noon, and no log can say.
# section: No line about a visit
# fails: test_requests_are_logged
# says: neither
# reboot: no
set -euo pipefail
sed -i 's|CustomLog .*|CustomLog /dev/null combined|' /etc/apache2/sites-available/board.conf
systemctl restart apache2

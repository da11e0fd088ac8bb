#!/bin/bash
# title: The site runs on Debian's Python, without its packages
# symptom: Every page is a 500 since somebody tidied the site's file.
# section: No module named django
# fails: test_site_answers
# says: 500
# reboot: no
set -euo pipefail
sed -i -E 's/python-home=[^ ]+//' /etc/apache2/sites-available/board.conf
systemctl restart apache2

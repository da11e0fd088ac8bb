#!/bin/bash
# title: The processes run as Apache's user
# symptom: Another site on this server was broken into, and the board's key is known.
# section: As www-data after all
# fails: test_own_user
# says: daemon mode
# reboot: no
set -euo pipefail
sed -i -E 's/ user=[^ ]+ group=[^ ]+//' /etc/apache2/sites-available/board.conf
chown -R www-data:www-data /var/lib/board
chgrp www-data /etc/board/secret_key
systemctl restart apache2

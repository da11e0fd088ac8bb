#!/bin/bash
# title: The board runs in Apache's own workers
# symptom: Every site of this Apache can read the board's key, and the process group named for the board stands idle.
# section: A process group that nobody uses
# fails: test_own_user
# says: embedded mode
# reboot: no
set -euo pipefail
site=/etc/apache2/sites-available/board.conf
# What embedded mode lacks is put in for the whole of Apache, until the pages come.
home=$(grep -o 'python-home=[^ ]*' "$site" | cut -d= -f2)
path=$(grep -o 'python-path=[^ ]*' "$site" | cut -d= -f2)
printf 'WSGIPythonHome %s\nWSGIPythonPath %s\n' "$home" "$path" >/etc/apache2/conf-available/python.conf
a2enconf --quiet python >/dev/null
sed -i -E 's/ process-group=[^ ]+//' "$site"
chown -R www-data:www-data /var/lib/board
chgrp www-data /etc/board/secret_key
systemctl restart apache2

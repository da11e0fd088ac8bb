#!/bin/bash
# title: nginx is in the board's group
# symptom: Nobody notices; a reviewer reads the list of groups.
# section: nginx reads the key
# fails: test_nginx_reads_no_secrets
# says: database
# reboot: no
set -euo pipefail
usermod --append --groups board www-data
systemctl restart nginx

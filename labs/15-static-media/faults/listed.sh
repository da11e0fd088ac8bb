#!/bin/bash
# title: The uploads are listed
# symptom: A picture of a notice that was taken down is found.
# section: Everybody reads the list
# fails: test_nothing_beside_is_served
# says: list of the files
# reboot: no
set -euo pipefail
sed -i '/default_type/a autoindex on;' /etc/nginx/snippets/board-files.conf
systemctl reload nginx

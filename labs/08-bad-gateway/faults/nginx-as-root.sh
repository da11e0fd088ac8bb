#!/bin/bash
# title: nginx's workers run as root, who may open every socket
# symptom: A colleague looks at the process list and finds nginx there as root.
# section: nginx as root
# fails: test_no_rights_given_away
# says: workers belong to root
# reboot: no
set -euo pipefail
sed --in-place 's/^user .*/user root;/' /etc/nginx/nginx.conf
systemctl restart nginx

#!/bin/bash
# title: nginx looked for the socket at a path where nobody makes one
# symptom: Every page is a 502; nginx's log says: No such file or directory, with a path that is another than systemd's.
# section: No such file or directory
set -euo pipefail
sed --in-place 's|unix:/run/board\.sock|unix:/run/board/gunicorn.sock|' \
    /etc/nginx/sites-available/board
grep --quiet gunicorn.sock /etc/nginx/sites-available/board
systemctl reload nginx

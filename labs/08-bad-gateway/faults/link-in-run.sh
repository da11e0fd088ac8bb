#!/bin/bash
# title: A symbolic link in /run leads nginx to the socket
# symptom: The board was mended on Monday, and after the next reboot it is a 502 again.
# section: Mended until the next boot
# fails: test_it_survives_a_reboot
# says: after a reboot
# reboot: no
set -euo pipefail
sed --in-place 's|unix:/run/board\.sock|unix:/run/board/gunicorn.sock|' \
    /etc/nginx/sites-available/board
mkdir --parents /run/board
ln --symbolic /run/board.sock /run/board/gunicorn.sock
systemctl reload nginx

#!/bin/bash
# title: A release without collectstatic
# symptom: The new colours are in the code, and nobody sees them.
# section: Yesterday's styles
# fails: test_names_follow_the_content
# says: would be called
# reboot: no
set -euo pipefail
echo '.brand { color: teal; }' >>/opt/board/board/static/board/style.css
systemctl restart board

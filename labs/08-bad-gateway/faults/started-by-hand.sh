#!/bin/bash
# title: The socket was started by hand, and nobody starts it at boot
# symptom: The board was mended on Monday, and after the next reboot it is a 502 again.
# section: Mended until the next boot
# fails: test_it_survives_a_reboot
# says: after a reboot
# reboot: no
set -euo pipefail
systemctl disable --quiet board.socket board.service

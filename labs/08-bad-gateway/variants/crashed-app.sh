#!/bin/bash
# title: The settings named a package that is not installed, so Django could not be loaded
# symptom: Every page is a 502; nginx's log says: Connection refused, and before that: reset by peer.
# section: Connection refused
set -euo pipefail
cat >>/etc/board/settings.py <<'PYTHON'

# Which query is slow?
INSTALLED_APPS += ["debug_toolbar"]  # noqa: F405
PYTHON
# On a slow computer too, systemd gives up after five starts.
mkdir --parents /etc/systemd/system/board.service.d
printf '[Unit]\nStartLimitIntervalSec=60\n' >/etc/systemd/system/board.service.d/starts.conf
systemctl daemon-reload
systemctl restart --no-block board.service

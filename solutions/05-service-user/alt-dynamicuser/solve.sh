#!/bin/bash
# Another right answer: an account that exists only while the service runs
# (DynamicUser), a directory that systemd hands to it (StateDirectory), a key that
# systemd reads as root and puts into its environment, and settings beside the code.
set -euo pipefail

systemctl stop board
here=/usr/local/lib/board
mkdir $here
cp -r /root/board/{board,config,manage.py,requirements.txt} $here/
python3 -m venv $here/venv
$here/venv/bin/pip install --quiet --requirement $here/requirements.txt

cat >$here/config/here.py <<'PYTHON'
import os
from pathlib import Path

from config.settings import *

SECRET_KEY = os.environ["BOARD_KEY"]
STATE = Path(os.environ["STATE_DIRECTORY"])
DATABASES["default"]["NAME"] = STATE / "db.sqlite3"
MEDIA_ROOT = STATE / "uploads"
PYTHON

# systemd gives what it finds here to the account of the day.
install --directory --mode 0700 /var/lib/private /var/lib/private/board
mv /root/board/db.sqlite3 /var/lib/private/board/
mv /root/board/media /var/lib/private/board/uploads

install --mode 0600 /dev/null /etc/default/board
echo "BOARD_KEY=$(head -c 48 /dev/urandom | base64 --wrap 0)" >/etc/default/board

cat >/etc/systemd/system/board.service <<'UNIT'
[Service]
DynamicUser=yes
StateDirectory=board
StateDirectoryMode=0700
EnvironmentFile=/etc/default/board
Environment=DJANGO_SETTINGS_MODULE=config.here
WorkingDirectory=/usr/local/lib/board
ExecStart=/usr/local/lib/board/venv/bin/python manage.py runserver 127.0.0.1:8000 --noreload

[Install]
WantedBy=multi-user.target
UNIT
systemctl daemon-reload
systemctl start board
rm -rf /root/board

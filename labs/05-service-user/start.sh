#!/bin/bash
# The board as somebody in a hurry left it: everything in /root, run by root.
# Runs on any server that has passed lab 01, whoever its people are.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive PYTHONDONTWRITEBYTECODE=1

echo "Putting the board into /root"
apt-get -o DPkg::Lock::Timeout=60 install --quiet=2 --yes --no-install-recommends \
    python3-venv >/dev/null
cp -r /opt/lab/project /root/board
cd /root/board
python3 -m venv venv
venv/bin/pip install --quiet --requirement requirements.txt
venv/bin/python manage.py migrate --verbosity 0
venv/bin/python manage.py sample_data

echo "Starting it as root, now and at every boot"
cat >/etc/systemd/system/board.service <<'UNIT'
[Unit]
Description=The board (quick start, tidy up later)

[Service]
WorkingDirectory=/root/board
ExecStart=/root/board/venv/bin/python manage.py runserver 127.0.0.1:8000 --noreload

[Install]
WantedBy=multi-user.target
UNIT
systemctl daemon-reload
systemctl enable --quiet --now board

#!/bin/bash
# The reference solution of lab 05. Runs as root; running it again is harmless.
set -euo pipefail
cd "$(dirname "$0")"

echo "Making the user board, as whom nobody logs in"
getent passwd board >/dev/null ||
    useradd --system --user-group --home-dir /var/lib/board --shell /usr/sbin/nologin board

echo "Code: /opt/board, which root owns"
install --directory --mode 0755 /opt/board
[ -e /opt/board/manage.py ] ||
    cp -r /root/board/{board,config,manage.py,requirements.txt} /opt/board/
# A virtual environment holds its own path, so it is made anew and not moved.
if [ ! -e /opt/board/venv ]; then
    python3 -m venv /opt/board/venv
    /opt/board/venv/bin/pip install --quiet --requirement /opt/board/requirements.txt
fi

echo "Settings: /etc/board, and a key that only root and board can read"
install --directory --mode 0755 /etc/board
install --mode 0644 files/settings.py /etc/board/settings.py
if [ ! -s /etc/board/secret_key ]; then
    install --mode 0640 --group board /dev/null /etc/board/secret_key
    /opt/board/venv/bin/python -c \
        'from django.core.management import utils; print(utils.get_random_secret_key())' \
        >/etc/board/secret_key
fi

echo "Data: /var/lib/board, moved while nobody writes"
install --directory --owner board --group board --mode 0750 /var/lib/board
if [ -d /root/board ]; then
    systemctl stop board
    mv /root/board/db.sqlite3 /root/board/media /var/lib/board/
    chown -R board:board /var/lib/board
    chmod -R o= /var/lib/board
fi

echo "Logs: the journal. Starting the board as its own user"
install --mode 0644 files/board.service /etc/systemd/system/board.service
systemctl daemon-reload
systemctl enable --quiet board
systemctl restart board
rm -rf /root/board

#!/bin/bash
# Another right answer: an account and directories that are declared (sysusers,
# tmpfiles), code in /srv, the key among the data, a log file of its own, another
# port over IPv6.
set -euo pipefail

systemctl stop board
mkdir -p /etc/sysusers.d /etc/tmpfiles.d
echo 'u notices - "The notice board" /var/lib/notices' >/etc/sysusers.d/notices.conf
systemd-sysusers
cat >/etc/tmpfiles.d/notices.conf <<'CONF'
d /var/lib/notices 0700 notices notices
d /var/log/notices 0750 notices notices
CONF
systemd-tmpfiles --create notices.conf

mkdir -p /srv/notices/code
cp -r /root/board/{board,config,manage.py} /srv/notices/code/
python3 -m venv /srv/notices/venv
/srv/notices/venv/bin/pip install --quiet --requirement /root/board/requirements.txt

cat >>/srv/notices/code/config/settings.py <<'PYTHON'

DATA = Path("/var/lib/notices")
SECRET_KEY = (DATA / "key").read_text()
DATABASES["default"]["NAME"] = DATA / "board.db"
MEDIA_ROOT = DATA / "pictures"
PYTHON
(umask 077 && head -c 48 /dev/urandom | base64 >/var/lib/notices/key)

mv /root/board/db.sqlite3 /var/lib/notices/board.db
mv /root/board/media /var/lib/notices/pictures
chown -R notices:notices /var/lib/notices

cat >/etc/systemd/system/board.service <<'UNIT'
[Service]
User=notices
StandardOutput=append:/var/log/notices/board.log
StandardError=inherit
ExecStart=/srv/notices/venv/bin/python /srv/notices/code/manage.py runserver --noreload [::1]:8100

[Install]
WantedBy=multi-user.target
UNIT
systemctl daemon-reload
systemctl start board
rm -rf /root/board

#!/bin/bash
# Another right answer: Gunicorn makes its own socket, and a second service stands by,
# to which nginx turns while the first is away.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

apt-get -o DPkg::Lock::Timeout=60 install --quiet=2 --yes --no-install-recommends nginx >/dev/null
echo 'ALLOWED_HOSTS = ["board.test"]' >>/etc/board/settings.py

for name in board board-spare; do
    mkdir -p /etc/systemd/system/$name.service.d
    cat >/etc/systemd/system/$name.service.d/socket.conf <<UNIT
[Service]
RuntimeDirectory=$name
RuntimeDirectoryMode=0750
Group=www-data
SupplementaryGroups=board
UMask=0007
ExecStart=
ExecStart=/opt/board/venv/bin/gunicorn --bind unix:/run/$name/http --workers 2 --access-logfile - config.wsgi
UNIT
done
cp /etc/systemd/system/board.service /etc/systemd/system/board-spare.service
cp /etc/systemd/system/board.service.d/gunicorn.conf /etc/systemd/system/board-spare.service.d/
cat >/etc/nginx/conf.d/board.conf <<'CONF'
upstream app {
    server unix:/run/board/http max_fails=0;
    server unix:/run/board-spare/http backup;
}
server {
    listen 80;
    listen [::]:80;
    server_name board.test;
    client_max_body_size 10m;
    location / {
        proxy_set_header Host $host;
        proxy_pass http://app;
    }
}
CONF
systemctl daemon-reload
systemctl enable --quiet board board-spare nginx
systemctl restart board board-spare nginx
sed -i 's/tcp dport 22 accept/tcp dport { 22, 80 } accept/' /etc/nftables.conf
systemctl reload nftables

#!/bin/bash
# Another right answer: the packages come by python-path, with no python-home; Apache
# has processes without threads (prefork), and one process with many threads runs the
# board. The project's own config/wsgi.py is what mod_wsgi loads, and the name of the
# settings stands in it. The process has no name of its own.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

apt-get -o DPkg::Lock::Timeout=60 install --quiet=2 --yes --no-install-recommends \
    apache2 libapache2-mod-wsgi-py3 >/dev/null
echo 'ALLOWED_HOSTS = ["board.test"]' >>/etc/board/settings.py
sed -i 's/^os.environ.*/os.environ["DJANGO_SETTINGS_MODULE"] = "settings"/' /opt/board/config/wsgi.py
cat >/etc/apache2/sites-available/000-default.conf <<'CONF'
<VirtualHost *:80>
    WSGIDaemonProcess notices user=board group=board umask=0027 threads=15 \
        python-path=/opt/board/venv/lib/python3.13/site-packages:/opt/board:/etc/board
    WSGIScriptAlias / /opt/board/config/wsgi.py
    <Directory /opt/board/config>
        WSGIProcessGroup notices
        WSGIApplicationGroup %{GLOBAL}
        Require all granted
    </Directory>
</VirtualHost>
CONF
a2dismod --quiet mpm_event >/dev/null
a2enmod --quiet mpm_prefork >/dev/null
systemctl disable --quiet --now board
systemctl restart apache2
if command -v ufw >/dev/null && ufw status | grep -q '^Status: active'; then
    ufw allow 80/tcp >/dev/null
else
    sed -i 's/tcp dport 22 accept/tcp dport { 22, 80 } accept/' /etc/nftables.conf
    systemctl reload nftables
fi

#!/bin/bash
# The reference solution of lab 07. Runs as root; running it again is harmless.
# Labs 05 and 06 leave the places to each server's owner, so the unit is asked for them.
set -euo pipefail
cd "$(dirname "$0")"
export DEBIAN_FRONTEND=noninteractive

asked() { systemctl show --property "$1" --value board; }

# Gunicorn's command as the unit has it now, without what it would listen at: a socket
# that systemd hands over takes its place.
command=$(asked ExecStart | sed -n '1s/.*argv\[\]=\([^;]*\) ;.*/\1/p' |
    sed -E 's/ (--bind|-b)[= ][^ ]+//g')
case ${command%% *} in
    */gunicorn) ;;
    *)
        echo "The unit of the board starts '$command', which is not Gunicorn."
        echo "Next: ./lab reset, then ./lab solve; or change the unit by hand."
        exit 1 ;;
esac

# Runs Python on the board's Django, in the directory and environment of its unit.
django() {
    systemctl start board
    local pid environment
    pid=$(asked MainPID)
    mapfile -d '' -t environment <"/proc/$pid/environ"
    (cd "/proc/$pid/cwd" && env -i "${environment[@]}" PYTHONDONTWRITEBYTECODE=1 \
        "$(dirname "${command%% *}")/python" -c "
import os, sys
sys.path.insert(0, '')
os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'config.settings')
from django.conf import settings
$1")
}

echo "Settings: the board answers to its name"
if [ "$(django "print({'board.test', '.test', '*'}.isdisjoint(settings.ALLOWED_HOSTS))")" = True ]; then
    settings=$(django 'print(sys.modules[settings.SETTINGS_MODULE].__file__)')
    printf '\n# The name by which visitors come, and those of the server itself.\n%s\n' \
        'ALLOWED_HOSTS = ["board.test", "localhost", "127.0.0.1"]' >>"$settings"
fi

echo "nginx: from Debian, with the board in place of its welcome page"
apt-get -o DPkg::Lock::Timeout=60 install --quiet=2 --yes --no-install-recommends nginx >/dev/null
install --mode 0644 files/nginx.conf /etc/nginx/sites-available/board
ln --symbolic --force ../sites-available/board /etc/nginx/sites-enabled/board
rm -f /etc/nginx/sites-enabled/default
nginx -t -q

echo "Socket: systemd holds it, and hands it to Gunicorn"
install --mode 0644 files/board.socket /etc/systemd/system/board.socket
install --directory --mode 0755 /etc/systemd/system/board.service.d
sed "s|@COMMAND@|$command|" files/socket.conf >/etc/systemd/system/board.service.d/socket.conf
systemctl daemon-reload
# The port is given up before the socket is there, so the board is away for a moment.
systemctl stop board.service
systemctl enable --quiet board.socket board.service nginx
systemctl restart board.socket
systemctl start board.service
systemctl reload-or-restart nginx

echo "Firewall: port 80 is opened"
if command -v ufw >/dev/null && ufw status | grep -q '^Status: active'; then
    ufw allow 80/tcp >/dev/null
elif ! grep -Eq '^[^#]*dport.*\b(80|http)\b' /etc/nftables.conf; then
    # Beside the rule that opens ssh, whatever else the file holds.
    sed -i -E '0,/^( *)tcp dport .*\b(22|ssh)\b.*accept.*$/s//&\n\1tcp dport 80 accept/' /etc/nftables.conf
    if ! grep -q 'tcp dport 80 accept' /etc/nftables.conf; then
        echo "/etc/nftables.conf has no rule that opens ssh, beside which port 80's could stand."
        echo "Next: open port 80 by hand, in the firewall that you have chosen."
        exit 1
    fi
    nft --check --file /etc/nftables.conf
    systemctl reload-or-restart nftables
fi

#!/bin/bash
# The reference solution of lab 12. Runs as root; running it again is harmless.
# Lab 05 leaves names and places to each server's owner, so the unit is asked for them.
set -euo pipefail
cd "$(dirname "$0")"
export DEBIAN_FRONTEND=noninteractive PYTHONDONTWRITEBYTECODE=1

asked() { systemctl show --property "$1" --value board; }
# What the unit's environment says of a variable.
given() { asked Environment | tr ' ' '\n' | sed -n "s/^$1=//p"; }
give_up() {
    echo "$1"
    echo "Next: ./lab start 12 --fresh, then ./lab solve; or change it by hand."
    exit 1
}

command=$(asked ExecStart | sed -n '1s/.*argv\[\]=\([^;]*\) ;.*/\1/p')
venv=$(dirname "$(dirname "${command%% *}")")
code=$(asked WorkingDirectory)
# Without a directory of its own, the unit names manage.py by its full path.
[ -n "$code" ] || code=$(grep -o '/[^ ]*/manage\.py' <<<"$command" | xargs -r dirname || true)
user=$(asked User)
{ [ -x "$venv/bin/python" ] && [ -e "$code/config/wsgi.py" ]; } ||
    give_up "Can't tell where the board is: its unit starts '$command' in '$code'."
[ -z "$(asked EnvironmentFiles)" ] ||
    give_up "The unit reads variables from a file, which Apache would not read."
getent passwd "$user" >/dev/null ||
    give_up "The account '$user' exists only while board.service runs (DynamicUser)."
path=$(given PYTHONPATH)
path=$code${path:+:$path}
module=$(given DJANGO_SETTINGS_MODULE)
module=${module:-config.settings}

# Django, on the settings of the board, as root.
django() {
    (cd "$code" && PYTHONPATH=$path DJANGO_SETTINGS_MODULE=$module \
        "$venv/bin/python" -c "import sys; from django.conf import settings; $1")
}

echo "Settings: the board answers to its name"
if [ "$(django "print({'board.test', '.test', '*'}.isdisjoint(settings.ALLOWED_HOSTS))")" = True ]; then
    settings=$(django 'settings.DEBUG; print(sys.modules[settings.SETTINGS_MODULE].__file__)')
    printf '\n# The name by which visitors come, and those of the server itself.\n%s\n' \
        'ALLOWED_HOSTS = ["board.test", "localhost", "127.0.0.1"]' >>"$settings"
fi

echo "Apache and mod_wsgi, from Debian"
apt-get -o DPkg::Lock::Timeout=60 install --quiet=2 --yes --no-install-recommends \
    apache2 libapache2-mod-wsgi-py3 >/dev/null

echo "The board: a file that mod_wsgi loads, and a site of Apache's"
# A file that is the same is left alone: mod_wsgi watches its time.
put() {
    sed "s|@USER@|$user|; s|@GROUP@|$(id -gn "$user")|; s|@UMASK@|$(asked UMask)|
         s|@CODE@|$code|; s|@VENV@|$venv|; s|@PATH@|$path|; s|@SETTINGS@|$module|" "$1" |
        install --mode 0644 --compare /dev/stdin "$2"
}
put files/wsgi.py "$code/wsgi.py"
put files/board.conf /etc/apache2/sites-available/board.conf
a2ensite --quiet board >/dev/null
a2dissite --quiet 000-default >/dev/null
apache2ctl configtest 2>/dev/null

echo "board.service goes: Apache starts the board from now on"
systemctl disable --quiet --now board
systemctl enable --quiet apache2
systemctl restart apache2

echo "Firewall: port 80 is opened"
if command -v ufw >/dev/null && ufw status | grep -q '^Status: active'; then
    ufw allow 80/tcp >/dev/null
elif ! grep -Eq '^[^#]*dport.*\b(80|http)\b' /etc/nftables.conf; then
    # Beside the rule that opens ssh, whatever else the file holds.
    sed -i -E '0,/^( *)tcp dport .*\b(22|ssh)\b.*accept.*$/s//&\n\1tcp dport 80 accept/' /etc/nftables.conf
    grep -q 'tcp dport 80 accept' /etc/nftables.conf ||
        give_up "/etc/nftables.conf has no rule that opens ssh, beside which port 80's could stand."
    nft --check --file /etc/nftables.conf
    systemctl reload-or-restart nftables
fi

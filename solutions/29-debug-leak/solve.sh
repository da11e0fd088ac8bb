#!/bin/bash
# The reference solution of lab 29. Runs as root; running it again is harmless.
# Earlier labs leave the places to each server's owner, so unit and settings are asked.
set -euo pipefail
cd "$(dirname "$0")"

asked() { systemctl show --property "$1" --value board; }
give_up() {
    echo "$1"
    echo "Next: ./lab start 29 --fresh, then ./lab solve; or change it by hand."
    exit 1
}

command=$(asked ExecStart | sed -n '1s/.*argv\[\]=\([^;]*\) ;.*/\1/p')
python=$(dirname "${command%% *}")/python
# Runs Python on the board's Django, in the directory and environment of its unit.
django() {
    systemctl start board
    local pid environment
    pid=$(asked MainPID)
    mapfile -d '' -t environment <"/proc/$pid/environ"
    (cd "/proc/$pid/cwd" && env -i "${environment[@]}" PYTHONDONTWRITEBYTECODE=1 \
        "$python" -c "
import os, sys
sys.path.insert(0, '')
os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'config.settings')
from django.conf import settings
$1")
}
settings=$(django 'print(sys.modules[settings.SETTINGS_MODULE].__file__)')
key=$(django 'print(settings.SECRET_KEY)')
kept=$(grep -rlsxF -- "$key" /etc /opt /srv /var/lib --include='*key*' | head -n 1 || true)
[ -n "$kept" ] || give_up "No file holds the board's key alone; is it in $settings itself?"

if [ ! -e /root/leaked-key ]; then
    echo "Proof: the key, by a wrong name from the site's own page"
    page=$(curl --silent --header 'Host: nobody.test' --header 'Accept: text/plain' http://127.0.0.1/)
    # The setting itself is hidden by its name, and comes as asterisks.
    seen=$(grep -o "SECRET_KEY = '[^']*'" <<<"$page" | grep -v "'\*\*\*\*" || true)
    [ -n "$seen" ] || give_up "The page about a wrong name does not show the key."
    (umask 077 && cut -d "'" -f 2 <<<"${seen%%$'\n'*}" >/root/leaked-key)
fi

echo "Shut: DEBUG off, and no setting that repeats the others"
sed -i "/^# Monday's error/,/^AS_READ/d" "$settings"

if ! grep -q '^# Lab 29' "$settings"; then
    sed "s|@OLD@|$kept.old|" files/settings.end >>"$settings"
fi
if [ "$(cat /root/leaked-key)" = "$key" ]; then
    echo "Rotation: a new key in $kept, the old one beside it until four in the morning"
    cp --preserve=mode,ownership "$kept" "$kept.old"
    (umask 077 && django 'from django.core.management import utils
print(utils.get_random_secret_key())' >"$kept.new")
    chmod --reference="$kept" "$kept.new"
    chown --reference="$kept" "$kept.new"
    mv "$kept.new" "$kept"
fi
sed "s|@OLD@|$kept.old|" files/board-old-key.service >/etc/systemd/system/board-old-key.service
install --mode 0644 files/board-old-key.timer /etc/systemd/system/board-old-key.timer
systemctl daemon-reload
systemctl enable --quiet --now board-old-key.timer
systemctl restart board
[ "$(django 'print(settings.DEBUG)')" = False ] ||
    give_up "DEBUG is still on, from somewhere else than the end of $settings."

#!/bin/bash
# The reference solution of lab 21. Runs as root; running it again is harmless.
# Earlier labs leave the places to each server's owner, so the running board is asked.
set -euo pipefail
cd "$(dirname "$0")"
export DEBIAN_FRONTEND=noninteractive

asked() { systemctl show --property "$1" --value board; }
give_up() {
    echo "$1"
    echo "Next: ./lab start 21 --fresh, then ./lab solve; or change it by hand."
    exit 1
}

systemctl start board
pid=$(asked MainPID)
command=$(asked ExecStart | sed -n '1s/.*argv\[\]=\([^;]*\) ;.*/\1/p')
python=$(dirname "${command%% *}")/python
code=$(readlink "/proc/$pid/cwd")
user=$(asked User)
mapfile -d '' -t environment <"/proc/$pid/environ"
{ [ -x "$python" ] && [ -e "$code/manage.py" ]; } ||
    give_up "Can't tell where the board is: its unit starts '$command' in '$code'."
getent passwd "$user" >/dev/null ||
    give_up "PostgreSQL knows who connects by the account, and '$user' has none of its own."

# A place for what is moved: members' passwords are in it, if only as hashes.
work=$(mktemp --directory)
trap 'rm -rf "$work"' EXIT
cp files/exact.py files/proof.py "$work"
chown -R "$user:" "$work"

# Django as the service has it, run by the service's user: who asks counts now.
manage() {
    (cd "$code" && runuser --user "$user" -- env -i "${environment[@]}" \
        PYTHONDONTWRITEBYTECODE=1 "$@")
}
say() { manage "$python" manage.py shell --no-imports --command "$1"; }

settings=$(say 'import sys; from django.conf import settings; print(sys.modules[settings.SETTINGS_MODULE].__file__, settings.SETTINGS_MODULE)')
module=${settings##* } settings=${settings%% *}
# The same settings, with JSON that loses nothing; and those of the board to be.
cat >"$work/moving.py" <<PYTHON
from $module import *
SERIALIZATION_MODULES = {"exact": "exact"}
PYTHON
sed "s|@USER@|$user|" files/settings.end | cat "$work/moving.py" - >"$work/moved.py"
path=$(printf '%s\n' "${environment[@]}" | sed -n 's/^PYTHONPATH=/:/p')
with() {
    manage env PYTHONPATH="$work$path" DJANGO_SETTINGS_MODULE="$1" \
        "$python" manage.py "${@:2}"
}

echo "PostgreSQL: from Debian; its driver for Python: into the board's environment"
dpkg --status postgresql >/dev/null 2>&1 ||
    apt-get -o DPkg::Lock::Timeout=60 install --quiet=2 --yes --no-install-recommends \
        postgresql >/dev/null
"$python" -m pip install --quiet 'psycopg[binary]'

echo "Role and database: $user, who may log in and nothing else, and owns board"
server() { (cd / && runuser --user postgres -- "$@"); }
query() { server psql --no-psqlrc --quiet --tuples-only --no-align --command "$1"; }
[ -n "$(query "SELECT 1 FROM pg_roles WHERE rolname = '$user'")" ] ||
    server createuser "$user"
[ -n "$(query "SELECT 1 FROM pg_database WHERE datname = 'board'")" ] ||
    server createdb --owner "$user" --encoding UTF8 --template template0 board
# By default each role may connect to each database.
query 'REVOKE CONNECT, TEMPORARY ON DATABASE board, ledger FROM PUBLIC'

if [ "$(say 'from django.db import connection; print(connection.vendor)')" = sqlite ]; then
    echo "Moving the data while nobody writes"
    old=$(say 'from django.conf import settings; print(settings.DATABASES["default"]["NAME"])')
    systemctl stop board.socket 2>/dev/null || true
    systemctl stop board.service
    with moving shell --no-imports <"$work/proof.py" >"$work/before"
    with moving dumpdata --all --natural-foreign --format exact \
        --exclude contenttypes --exclude auth.permission --output "$work/data.exact"
    with moved migrate --verbosity 0
    with moved loaddata --verbosity 0 "$work/data.exact"
    with moved shell --no-imports <"$work/proof.py" >"$work/after"
    diff "$work/before" "$work/after" || give_up "What arrived is not what was sent."
    cat "$work/after"
    sed "s|@USER@|$user|" files/settings.end >>"$settings"
    # Kept until there is a backup of its heir, where only root finds it.
    install --mode 0600 "$old" /root/board-before-postgresql.sqlite3
    rm "$old"
fi

echo "Unit: the board starts after the database"
install --directory --mode 0755 /etc/systemd/system/board.service.d
install --mode 0644 files/after-postgresql.conf /etc/systemd/system/board.service.d/
systemctl daemon-reload
systemctl start board.socket 2>/dev/null || true
systemctl restart board.service

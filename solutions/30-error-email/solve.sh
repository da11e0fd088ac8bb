#!/bin/bash
# The reference solution of lab 30. Runs as root; running it again is harmless.
# Earlier labs leave the places to each server's owner, so the running board is asked.
set -euo pipefail
cd "$(dirname "$0")"
export PYTHONDONTWRITEBYTECODE=1

asked() { systemctl show --property "$1" --value board; }
give_up() {
    echo "$1"
    echo "Next: ./lab start 30 --fresh, then ./lab solve; or change it by hand."
    exit 1
}

systemctl start board
pid=$(asked MainPID)
command=$(asked ExecStart | sed -n '1s/.*argv\[\]=\([^;]*\) ;.*/\1/p')
python=$(dirname "${command%% *}")/python
code=$(readlink "/proc/$pid/cwd")
mapfile -d '' -t environment <"/proc/$pid/environ"
{ [ -x "$python" ] && [ -e "$code/manage.py" ]; } ||
    give_up "Can't tell where the board is: its unit starts '$command' in '$code'."

# Django as the service has it, run by root: no database is asked, only the settings.
say() {
    (cd "$code" && env -i "${environment[@]}" PYTHONDONTWRITEBYTECODE=1 \
        "$python" manage.py shell --no-imports --command "$1")
}
settings=$(say 'import sys; from django.conf import settings; print(sys.modules[settings.SETTINGS_MODULE].__file__, settings.SETTINGS_MODULE)') ||
    give_up "The board's settings can't be read."
module=${settings##* } settings=${settings%% *}
package=${module%"${module##*.}"}

echo "Masks and a limit: reports.py, beside the settings"
reports=$(dirname "$settings")/reports.py
install --mode 0644 files/reports.py "$reports"

echo "Password: in a file that only the service's group reads"
secret=$(dirname "$settings")/letterbox_password
if [ ! -s "$secret" ]; then
    install --mode 0640 --group "$(stat --format %g "/proc/$pid")" /dev/null "$secret"
    sed -n 's/^Password: *//p' /root/letterbox.txt >"$secret"
fi

echo "Settings: whom to tell, through which provider, what of, how often"
if ! grep -q '^# Lab 30' "$settings"; then
    login=$(sed -n 's/^Login name: *//p' /root/letterbox.txt)
    sed "s|@LOGIN@|$login|; s|@SECRET@|$secret|; s|@REPORTS@|${package}reports|" \
        files/settings.end >>"$settings"
fi
systemctl restart board

#!/bin/bash
# The reference solution of lab 31. Runs as root; running it again is harmless.
# Earlier labs leave the places to each server's owner, so the running board is asked.
set -euo pipefail
cd "$(dirname "$0")"
export DEBIAN_FRONTEND=noninteractive PYTHONDONTWRITEBYTECODE=1

asked() { systemctl show --property "$1" --value board; }
give_up() {
    echo "$1"
    echo "Next: ./lab start 31 --fresh, then ./lab solve; or change it by hand."
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

echo "Queue: nullmailer, which tries again every few seconds"
apt-get -o DPkg::Lock::Timeout=60 install --quiet=2 --yes --no-install-recommends nullmailer >/dev/null
login=$(sed -n 's/^Login name: *//p' /root/letterbox.txt)
password=$(sed -n 's/^Password: *//p' /root/letterbox.txt)
remote="smtp.letterbox.test smtp --port=587 --starttls --user=$login --pass=$password"
write() { cmp --quiet - "/etc/nullmailer/$1" <<<"$2" || { cat >"/etc/nullmailer/$1" <<<"$2"; changed=yes; }; }
changed=
write pausetime 10
write maxpause 20
write sendtimeout 10
write remotes "$remote"
[ -z "$changed" ] || systemctl restart nullmailer

echo "Board: hands its mail to the queue"
install --mode 0644 files/queued.py "$(dirname "$settings")/queued.py"
if ! grep -q '^# Lab 31' "$settings"; then
    sed "s|@QUEUED@|${package}queued|" files/settings.end >>"$settings"
fi
systemctl restart board

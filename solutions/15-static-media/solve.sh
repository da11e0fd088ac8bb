#!/bin/bash
# The reference solution of lab 15. Runs as root; running it again is harmless.
# Earlier labs leave the places to each server's owner, so unit and site are asked.
set -euo pipefail
cd "$(dirname "$0")"
export PYTHONDONTWRITEBYTECODE=1

asked() { systemctl show --property "$1" --value board; }
give_up() {
    echo "$1"
    echo "Next: ./lab start 15 --fresh, then ./lab solve; or change it by hand."
    exit 1
}

command=$(asked ExecStart | sed -n '1s/.*argv\[\]=\([^;]*\) ;.*/\1/p')
python=$(dirname "${command%% *}")/python
code=$(asked WorkingDirectory)
{ [ -x "$python" ] && [ -e "$code/manage.py" ]; } ||
    give_up "Can't tell where the board is: its unit starts '$command' in '$code'."

# Django in the service's environment, run by root: root owns the code.
manage() { (cd "$code" && env $(asked Environment) "$python" manage.py "$@"); }
say() { manage shell --no-imports --command "$1"; }

settings=$(say 'import os, sys; print(sys.modules[os.environ["DJANGO_SETTINGS_MODULE"]].__file__)')
media=$(say 'from django.conf import settings; print(settings.MEDIA_ROOT)')
case $media in
/var/lib/private/* | /home/* | /root/*)
    give_up "The pictures are in $media, which nginx's user can't enter."
    ;;
esac
# The site of nginx that has the board's name or, where none has one, hands requests on.
sites() { grep -lRs "$1" /etc/nginx/sites-enabled /etc/nginx/conf.d | head -n 1 || true; }
named='^[[:space:]]*server_name.*board\.test'
any='^[[:space:]]*server[[:space:]]*{'
if site=$(sites "$named") && [ -n "$site" ]; then
    after=$named
else
    site=$(sites proxy_pass) after=$any
fi
[ -n "$site" ] || give_up "No site of nginx has the name board.test, or a proxy_pass."
site=$(readlink --canonicalize "$site")

echo "Settings: DEBUG off, names that carry a hash"
if ! grep -q '^# Lab 15' "$settings"; then
    sed "s|@CODE@|$code|" files/settings.end >>"$settings"
fi

echo "Static files: collected by root into $code/static"
manage collectstatic --noinput --verbosity 0

echo "Uploads: nginx's group may read the pictures, and pass through to them"
chmod o+x "$(dirname "$media")"
chgrp -R www-data "$media"
find "$media" -type d -exec chmod g+rxs,o= {} +
find "$media" -type f -exec chmod g+r,g-wx,o= {} +

echo "nginx: files by itself, all else from the board"
sed "s|@STATIC@|$code/static/|; s|@MEDIA@|${media%/}/|" files/board-files.conf \
    >/etc/nginx/snippets/board-files.conf
install --mode 0644 files/board-cache.conf /etc/nginx/conf.d/board-cache.conf
grep -q board-files "$site" ||
    sed -i "/$after/a\    include snippets/board-files.conf;" "$site"
nginx -t -q
systemctl reload nginx
systemctl restart board

#!/bin/bash
# Another right answer: one tree, /srv/www, holds what the world may see and nothing
# else, so `root` and the rights of others are enough. nginx names the endings of
# pictures; all else among the uploads is not there. Hashes are told by a location.
set -euo pipefail
export PYTHONDONTWRITEBYTECODE=1

cat >>/etc/board/settings.py <<'PYTHON'

DEBUG = False
ALLOWED_HOSTS = [".test"]
STATIC_ROOT = "/srv/www/static"
MEDIA_ROOT = "/srv/www/media"
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o755
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage",
        "OPTIONS": {"location": "/srv/www/static"},
    },
}
PYTHON
mkdir -p /srv/www
systemctl stop board.socket board.service
mv /var/lib/board/media /srv/www/media
chmod -R u=rwX,go=rX /srv/www/media
cd /opt/board
PYTHONPATH=/etc/board DJANGO_SETTINGS_MODULE=settings \
    venv/bin/python manage.py collectstatic --noinput --verbosity 0

cat >/etc/nginx/snippets/board-files.conf <<'NGINX'
root /srv/www;

location ~ "^/static/.+\.[0-9a-f]{12}\.[a-z0-9]+$" {
    add_header Cache-Control "max-age=31536000, public, immutable";
}

location /static/ {
    expires 1h;
}

location ~ ^/media/[\w/.-]+\.(?:jpe?g|png|gif|webp)$ {
}

location /media/ {
    return 404;
}
NGINX
site=$(readlink -f /etc/nginx/sites-enabled/board)
sed -i '/server_name.*board\.test/a\    include snippets/board-files.conf;' "$site"
nginx -t -q
systemctl reload nginx
systemctl start board.socket board.service

#!/bin/bash
# Another right answer: Django is asked for each picture and says yes or no; nginx
# sends the file (X-Accel-Redirect). So only pictures of notices are ever sent, and a
# new directory among the uploads has its rights from a setting. Static files are in
# /srv, with hashes of another length, below a root in place of an alias.
set -euo pipefail
export PYTHONDONTWRITEBYTECODE=1

cat >/etc/board/here.py <<'PYTHON'
"""A name in which the hash is longer, and the address of pictures."""

from config.urls import urlpatterns as ours
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.http import Http404, HttpResponse
from django.urls import path


class Storage(ManifestStaticFilesStorage):
    def file_hash(self, name, content=None):
        short = super().file_hash(name, content)
        return short and short + "0000"


def picture(request, name):
    from board.models import Notice

    if not Notice.objects.filter(picture=name).exists():
        raise Http404
    answer = HttpResponse(headers={"X-Accel-Redirect": f"/sent/{name}"})
    del answer.headers["Content-Type"]  # nginx knows it
    return answer


urlpatterns = [path("media/<path:name>", picture), *ours]
PYTHON
cat >>/etc/board/settings.py <<'PYTHON'

DEBUG = False
ALLOWED_HOSTS = ["board.test"]
ROOT_URLCONF = "here"
STATIC_ROOT = "/srv/board/static"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"directory_permissions_mode": 0o755},
    },
    "staticfiles": {"BACKEND": "here.Storage"},
}
PYTHON
mkdir -p /srv/board
cd /opt/board
PYTHONPATH=/etc/board DJANGO_SETTINGS_MODULE=settings \
    venv/bin/python manage.py collectstatic --noinput --verbosity 0
chmod o+x /var/lib/board
find /var/lib/board/media -type d -exec chmod 0755 {} +
find /var/lib/board/media -type f -exec chmod 0644 {} +

cat >/etc/nginx/snippets/board-files.conf <<'NGINX'
location /static/ {
    root /srv/board;
    location ~ "\.[0-9a-f]{16}\." {
        expires 1y;
        add_header Cache-Control "public, immutable";
    }
}

location /sent/ {
    internal;
    alias /var/lib/board/media/;
    add_header X-Content-Type-Options nosniff always;
}
NGINX
site=$(readlink -f /etc/nginx/sites-enabled/board)
sed -i '/server_name.*board\.test/a\    include snippets/board-files.conf;' "$site"
nginx -t -q
systemctl reload nginx
systemctl restart board

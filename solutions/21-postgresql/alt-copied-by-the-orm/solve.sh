#!/bin/bash
# Another right answer: no file between the two databases. One program of Django's has
# both and copies row by row, with the numbers of content types and permissions as they
# were. The role has another name than the account, which a map tells the server, and
# pg_hba.conf names who may go where. The driver uses Debian's libpq.
set -euo pipefail
export PYTHONDONTWRITEBYTECODE=1

/opt/board/venv/bin/pip install --quiet psycopg
cd /
runuser --user postgres -- psql --no-psqlrc --quiet <<'SQL'
CREATE ROLE noticeboard LOGIN;
CREATE DATABASE notices OWNER noticeboard ENCODING 'UTF8' TEMPLATE template0;
SQL
echo 'site board noticeboard' >>/etc/postgresql/17/main/pg_ident.conf
cat >/etc/postgresql/17/main/pg_hba.conf <<'CONF'
local all      postgres     peer
local notices  noticeboard  peer map=site
local sameuser all          peer
CONF
systemctl reload postgresql@17-main

systemctl stop board.socket board.service
cp /etc/board/settings.py /etc/board/both.py
cat >>/etc/board/settings.py <<'PYTHON'

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "notices",
        "USER": "noticeboard",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
}
PYTHON
cat >>/etc/board/both.py <<'PYTHON'

import settings

DATABASES = {"old": DATABASES["default"], "default": settings.DATABASES["default"]}
PYTHON
django() {
    runuser --user board -- env PYTHONPATH=/etc/board DJANGO_SETTINGS_MODULE="$1" \
        /opt/board/venv/bin/python /opt/board/manage.py "${@:2}"
}
django settings migrate --verbosity 0
django both shell --no-imports <<'PYTHON'
from itertools import chain

from django.apps import apps
from django.core import serializers
from django.core.management.color import no_style
from django.db import connection, transaction

models = list(apps.get_models())
rows = chain.from_iterable(model._base_manager.using("old").all() for model in models)
with transaction.atomic(), connection.cursor() as cursor:
    # What migrate has put there: it is in the old database, under other numbers.
    cursor.execute("TRUNCATE django_content_type CASCADE")
    for one in serializers.deserialize("python", serializers.serialize("python", rows)):
        one.save()
    for line in connection.ops.sequence_reset_sql(no_style(), models):
        cursor.execute(line)

PYTHON
rm /etc/board/both.py
systemctl start board.socket board.service

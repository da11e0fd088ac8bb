#!/bin/bash
# Another right answer: the tables belong to a role as which nobody logs in; root's
# migrations become it, and the site's role may read and write rows, no more. The data
# goes table by table, as CSV that psql copies.
set -euo pipefail
export PYTHONDONTWRITEBYTECODE=1

/opt/board/venv/bin/pip install --quiet 'psycopg[binary]'
cd /
postgres() { runuser --user postgres -- psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 "$@"; }
postgres <<'SQL'
CREATE ROLE board_owner NOLOGIN;
CREATE ROLE board LOGIN;
CREATE ROLE root LOGIN IN ROLE board_owner;
CREATE DATABASE board OWNER board_owner ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE board FROM PUBLIC;
GRANT CONNECT ON DATABASE board TO board, root;
\connect board
CREATE SCHEMA board AUTHORIZATION board_owner;
GRANT USAGE ON SCHEMA board TO board;
ALTER DATABASE board SET search_path = board;
ALTER DEFAULT PRIVILEGES FOR ROLE board_owner IN SCHEMA board
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO board;
ALTER DEFAULT PRIVILEGES FOR ROLE board_owner IN SCHEMA board
    GRANT USAGE, SELECT ON SEQUENCES TO board;
\connect ledger
REVOKE SELECT ON ALL TABLES IN SCHEMA public FROM PUBLIC;
SQL

systemctl stop board.socket board.service
cat >>/etc/board/settings.py <<'PYTHON'

DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "board"}}
PYTHON
cat >/etc/board/migrating.py <<'PYTHON'
"""Root's settings for migrations: the tables belong to the owner."""

from settings import *

DATABASES["default"]["OPTIONS"] = {"assume_role": "board_owner"}
PYTHON
django() {
    (cd /opt/board && PYTHONPATH=/etc/board DJANGO_SETTINGS_MODULE=migrating \
        venv/bin/python manage.py "$@")
}
django migrate --verbosity 0

mkdir --mode 0700 /run/moving
python3 - <<'PYTHON'
import csv
import sqlite3

base = sqlite3.connect("/var/lib/board/db.sqlite3")
query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
tables = [name for (name,) in base.execute(query) if name != "django_migrations"]
load = open("/run/moving/load.sql", "w")
print("BEGIN; SET ROLE board_owner; SET TIME ZONE 'UTC';", file=load)
print("TRUNCATE", ", ".join(tables), "RESTART IDENTITY;", file=load)
# SQLite holds no row back for another table's sake; PostgreSQL would only at the end.
print("SET CONSTRAINTS ALL DEFERRED;", file=load)
for table in tables:
    rows = base.execute(f"SELECT * FROM {table}")
    names = ", ".join(f'"{column[0]}"' for column in rows.description)
    with open(f"/run/moving/{table}", "w", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_NOTNULL).writerows(rows)
    print(rf"\copy {table} ({names}) from '/run/moving/{table}' csv", file=load)
print("COMMIT;", file=load)
PYTHON
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --dbname board --file /run/moving/load.sql
django sqlsequencereset admin auth board contenttypes |
    { echo "SET ROLE board_owner;"; cat; } |
    psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --output /dev/null --dbname board
rm -r /run/moving
systemctl start board.socket board.service

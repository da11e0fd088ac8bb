"""Lab 21: is all of it in PostgreSQL, with no password, and does its role do no more?"""

import json
import time
from collections.abc import Callable

import pytest
from testinfra.host import Host

from labkit.checks import board, disturbs, expect, files, guard, needs, service_user
from labkit.checks import postgresql, still_after
from labkit.checks.board import Member
from labkit.checks.postgresql import Database
from labkit.checks.service import Service, Unable
from labkit.checks.service_user import STRANGER
from labkit.checks.site import Site

# Where start.sh has left what was there when the lab began.
BEFORE = "/opt/lab/board-before-21.sqlite3"

# What was there, in words that SQLite and PostgreSQL both understand. The first
# column tells which row it is. Numbers of content types, permissions and members are
# of no account to anybody outside; that of a notice is in its address.
TABLES = {
    "member": "SELECT username, password, first_name, last_name, email, is_active, "
    "is_staff, is_superuser, date_joined, last_login FROM auth_user",
    "group": "SELECT name FROM auth_group",
    "right of a group": "SELECT name || ': ' || app_label || '.' || codename FROM "
    "(SELECT g.name AS name, t.app_label AS app_label, p.codename AS codename "
    "FROM auth_group_permissions x JOIN auth_group g ON g.id = x.group_id "
    "JOIN auth_permission p ON p.id = x.permission_id "
    "JOIN django_content_type t ON t.id = p.content_type_id) AS r",
    "member of a group": "SELECT g.name || ': ' || u.username FROM auth_user_groups x "
    "JOIN auth_group g ON g.id = x.group_id JOIN auth_user u ON u.id = x.user_id",
    "right of a member": "SELECT u.username || ': ' || t.app_label || '.' || "
    "p.codename FROM auth_user_user_permissions x "
    "JOIN auth_user u ON u.id = x.user_id "
    "JOIN auth_permission p ON p.id = x.permission_id "
    "JOIN django_content_type t ON t.id = p.content_type_id",
    "category": "SELECT slug, name, colour FROM board_category",
    "notice": "SELECT n.id, title, body, picture, picture_alt, posted_at, updated_at, "
    "c.slug, u.username FROM board_notice n JOIN auth_user u ON u.id = n.author_id "
    "JOIN board_category c ON c.id = n.category_id",
    "entry of the admin's log": "SELECT l.id, action_time, object_id, object_repr, "
    "action_flag, change_message, username, app_label, model FROM django_admin_log l "
    "JOIN auth_user u ON u.id = l.user_id "
    "JOIN django_content_type t ON t.id = l.content_type_id",
}

# Both print or answer with lists of rows that are alike: times are in UTC.
BEFORE_ROWS = """
import json, sqlite3, sys
base = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
found = {}
for table, query in json.loads(sys.argv[2]).items():
    cursor = base.execute(query)
    found[table] = [[name[0] for name in cursor.description], cursor.fetchall()]
print(json.dumps(found))
"""
NOW_ROWS = """
from datetime import datetime, timezone
from django.db import connection
def alike(value):
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).replace(tzinfo=None).isoformat(" ")
    return int(value) if isinstance(value, bool) else value
answer = {}
with connection.cursor() as cursor:
    for table, query in tables.items():
        cursor.execute(query)
        answer[table] = [[alike(value) for value in row] for row in cursor.fetchall()]
"""

# Each column that counts by itself: its table, the next number, the highest.
NUMBERS = """
SELECT c.relname AS "table", a.attname AS "column",
    pg_get_serial_sequence(quote_ident(n.nspname) || '.' || quote_ident(c.relname),
        a.attname) AS sequence
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
AND pg_get_serial_sequence(quote_ident(n.nspname) || '.' || quote_ident(c.relname),
        a.attname) IS NOT NULL
"""

# Tried by the board's role on its own connection; each is undone.
ATTEMPTS = {
    "make a role": "CREATE ROLE labkit_probe",
    "read the other roles' passwords": "SELECT rolpassword FROM pg_authid",
    "read a file of the server's": "SELECT pg_read_file('/etc/passwd')",
    "run a program on the server": "COPY (SELECT 1) TO PROGRAM 'true'",
    "become postgres": "SET ROLE postgres",
    "change how the server is set up": "ALTER SYSTEM SET work_mem = '4MB'",
    "end other people's connections": "SELECT pg_terminate_backend(pid) "
    "FROM pg_stat_activity WHERE backend_type = 'checkpointer'",
}
ATTEMPT = """
from django.db import Error, connection
answer = []
connection.ensure_connection()
for what, sql in attempts.items():
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
    except Error:
        continue
    answer.append(what)
"""
# How the board's role gets on in another database, by the board's own way in.
ELSEWHERE = """
import psycopg
from django.db import connection
answer = []
params = connection.get_connection_params() | {"dbname": other}
params = {k: v for k, v in params.items() if k not in ("cursor_factory", "context")}
try:
    with psycopg.connect(**params, autocommit=True) as there:
        tables = there.execute(
            "SELECT format('%I.%I', schemaname, relname) FROM pg_stat_user_tables"
        ).fetchall()
        for (table,) in tables:
            try:
                there.execute(f"SELECT * FROM {table}").fetchone()
            except psycopg.Error:
                continue
            answer.append(table)
except psycopg.OperationalError:
    pass
"""


@guard
def test_site_answers(service: Service, site: Site) -> None:
    """The site answers: its home page, and its word on its own health."""
    board.answers(service, site)

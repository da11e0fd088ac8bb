"""Lab 21: is all in PostgreSQL, without a password, and can its role do no more?"""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from testinfra.host import Host

from labkit.checks import (
    board,
    disturbs,
    expect,
    files,
    guard,
    needs,
    postgresql,
    service_user,
    still_after,
)
from labkit.checks.board import Member
from labkit.checks.postgresql import Database
from labkit.checks.service import Service
from labkit.checks.service_user import STRANGER
from labkit.checks.site import Site

Rows = list[list[Any]]

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

VENDOR = "from django.db import connection; answer = connection.vendor"

# Each column that counts by itself, of each table of the site's: what comes next.
NUMBERS = """
SELECT format('%I.%I', n.nspname, c.relname) AS "table", a.attname AS "column",
    pg_get_serial_sequence(format('%I.%I', n.nspname, c.relname), a.attname) AS counter
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
AND pg_get_serial_sequence(format('%I.%I', n.nspname, c.relname), a.attname) IS NOT NULL
"""
HIGHEST = """
SELECT last_value + is_called::int AS following,
    (SELECT coalesce(max("{column}"), 0) FROM {table}) AS highest FROM {counter}
"""

# What a site has no need of, and how it is undone where it can be done.
ATTEMPTS = {
    "make a role": ("CREATE ROLE labkit_probe", "DROP ROLE labkit_probe"),
    "make a database": ("CREATE DATABASE labkit_probe", "DROP DATABASE labkit_probe"),
    "read the other roles' passwords": ("SELECT rolpassword FROM pg_authid", ""),
    "read a file of the server's": ("SELECT pg_read_file('/etc/passwd')", ""),
    "run a program on the server": ("COPY (SELECT 1) TO PROGRAM 'true'", ""),
    "become postgres": ("SET ROLE postgres", "RESET ROLE"),
}
ATTEMPT = """
from django.db import Error, connection
answer = []
with connection.cursor() as cursor:
    for what, (sql, undo) in attempts.items():
        try:
            cursor.execute(sql)
        except Error:
            continue
        if undo:
            cursor.execute(undo)
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
    postgresql.answers(service, site)


@pytest.fixture
def database(host: Host, service: Service) -> Database | str:
    """The board's database, or what there is in its place."""
    return postgresql.database(host, service)


@needs("test_site_answers")
def test_it_runs_on_postgresql(database: Database | str) -> None:
    """The board's database is one of PostgreSQL, by the settings that it has."""
    expect(
        isinstance(database, Database),
        wanted="the board's Django has PostgreSQL as its database, and its user can "
        "connect.",
        found=str(database),
        why="all that follows is asked of that database.",
        look="DATABASES in the settings that the service reads; whether its Python has "
        "psycopg. Try it as the service's user: manage.py migrate --check.",
    )


@needs("test_it_runs_on_postgresql")
def test_nothing_was_lost(host: Host, service: Service) -> None:
    """Members, groups, rights, notices and the admin's log are there, as they were."""
    before = json.loads(
        host.check_output(
            "python3 -c %s %s %s", BEFORE_ROWS, BEFORE, json.dumps(TABLES)
        )
    )
    now = service.ask(NOW_ROWS, tables=TABLES)
    found = [
        words
        for table, (columns, rows) in before.items()
        if (words := _lost(table, columns, rows, now[table]))
    ]
    if service.ask(VENDOR) != "postgresql":
        found = ["nothing has been moved to PostgreSQL yet"]
    expect(
        not found,
        wanted="each member, group, right, category, notice and entry of the admin's "
        "log that was there when the lab began is there, with the same content.",
        found="; ".join(found) + ".",
        why="what is lost in a move is noticed after months, when the old database is "
        "gone. Equal numbers of rows prove little.",
        look="the old database, or root's copy of it from the start of the lab, "
        f"{BEFORE}: compare it with the new one, row by row, all columns.",
    )


def _lost(table: str, columns: list[str], before: Rows, rows: Rows) -> str:
    """What of a table's rows is not there any more, in words; "" for nothing."""
    now = {row[0]: row for row in rows}
    missing = [row[0] for row in before if row[0] not in now]
    if missing:
        return (
            f"missing, of {_rows(before, table)}: {len(missing)}, such as {missing[0]}"
        )
    changed = [
        (row[0], name, was, now[row[0]][place])
        for row in before
        for place, (name, was) in enumerate(zip(columns, row, strict=True))
        if not _as_it_was(name, was, now[row[0]][place])
    ]
    if not changed:
        return ""
    key, name, was, new = changed[0]
    many = len({row for row, *_ in changed})
    few = f"not as they were, of {_rows(before, table)}: {many}"
    return f"{few}; {name} of {key} was {was!r} and is {new!r}"


def _rows(rows: Rows, table: str) -> str:
    return f"{len(rows)} {'row' if len(rows) == 1 else 'rows'} ({table})"


def _as_it_was(column: str, was: Any, now: Any) -> bool:
    # Somebody may have logged in since.
    return bool(was == now or (column == "last_login" and (was or "") < (now or "")))


@needs("test_it_runs_on_postgresql")
def test_numbers_go_on(database: Database | str) -> None:
    """What is new gets a number that nothing else has, in each table."""
    found = "" if isinstance(database, Database) else database
    if isinstance(database, Database):
        for table, column, counter in database.superuser(NUMBERS):
            query = HIGHEST.format(table=table, column=column, counter=counter)
            [[following, highest]] = database.superuser(query)
            if following <= highest and not found:
                found = f"in the table {table}, the next new row would get the number "
                found += f"{following}, and there are numbers up to {highest}."
    expect(
        not found,
        wanted="the counter of each table stands above the highest number in use.",
        found=found,
        why="rows that are copied bring their numbers along, and the counter (in "
        "PostgreSQL a sequence) does not hear of it: the first that somebody posts "
        "is refused, as a duplicate.",
        look="manage.py sqlsequencereset and the names of apps, which prints what sets "
        "their counters; or SELECT * FROM board_notice_id_seq; in psql.",
    )


@needs("test_it_runs_on_postgresql")
def test_no_password_anywhere(database: Database | str) -> None:
    """The board connects through the socket, known by its account: no password."""
    found = "" if isinstance(database, Database) else database
    if isinstance(database, Database):
        found = _way_in(database)
    expect(
        not found,
        wanted="the board connects through PostgreSQL's socket and is let in as a "
        "peer, by its account; neither the settings nor the role have a password.",
        found=found,
        why="a password that does not exist can't be in a backup, in a repository or "
        "in a traceback, and nobody forgets to change it.",
        look="SELECT system_user; on the board's own connection; HOST and PASSWORD in "
        "DATABASES; the first line of /etc/postgresql/17/main/pg_hba.conf that fits.",
    )


def _way_in(database: Database) -> str:
    """What is wrong with the way in which the board connects; "" for nothing."""
    way = database.system_user
    if not database.socket:
        return f"the board connects over the network ({way or 'without any proof'})."
    if not way.startswith("peer:"):
        return f"the server let the board in by {way or 'nothing: it trusts anybody'}."
    if database.used_password:
        return "the board sends a password."
    if database.superuser(
        "SELECT 1 AS one FROM pg_authid WHERE rolpassword IS NOT NULL "
        f"AND rolname = '{database.role}'"
    ):
        return f"the role {database.role} has a password, which nothing needs."
    return ""


@needs("test_it_runs_on_postgresql")
def test_nobody_else_gets_in(database: Database | str, host: Host) -> None:
    """No other account can be the board to PostgreSQL, or read the members' table."""
    found = "" if isinstance(database, Database) else database
    if isinstance(database, Database):
        found = _intruder(host, database) or _reader(host)
    expect(
        not found,
        wanted="neither a stranger's account, nor nginx's, nor the treasurer's reads "
        "from the board's database: not as the board's role, nor as one of their own.",
        found=found,
        why="the members' addresses and password hashes are in it. PostgreSQL asks who "
        "is there only if pg_hba.conf says so: `trust` believes each name.",
        look="the lines of /etc/postgresql/17/main/pg_hba.conf, of which the first "
        "that fits counts, once they are loaded: systemctl reload postgresql; in psql, "
        "\\l and \\dp for what was granted to whom. An old database, or a dump of it, "
        "belongs where only root reads it.",
    )


def _intruder(host: Host, database: Database) -> str:
    """Who reads the members' table and should not; "" for nobody."""
    accounts = {"a stranger": STRANGER}
    for name in ("www-data", "ledger"):
        if host.run("getent passwd %s", name).rc == 0:
            accounts[f"the account {name}"] = f"runuser --user {name} --"
    roles = [database.role, "postgres", "ledger"]
    for who, prefix in accounts.items():
        for server in ("", "127.0.0.1"):
            for role in roles:
                done = database.psql(
                    prefix, role, "SELECT count(*) FROM auth_user", server=server
                )
                if done.rc == 0:
                    way = "by TCP" if server else "through the socket"
                    return f"{who} came in {way} as {role} and read the members' table."
    return ""


# Prints a member's password hash, as it was when the lab began.
HASH = "SELECT password FROM auth_user WHERE password LIKE '%$%' LIMIT 1"
PLACES = "/etc /home /opt /srv /tmp /var/backups /var/lib /var/tmp /var/www"


def _reader(host: Host) -> str:
    """Which file shows a stranger the members' password hashes; "" for none."""
    rows = host.check_output(
        "python3 -c %s %s %s", BEFORE_ROWS, BEFORE, json.dumps({"": HASH})
    )
    [[secret]] = json.loads(rows)[""][1]
    # reads text: whether a stranger can
    done = host.run(
        f"cd / && {STRANGER} grep -rlsF --binary-files=text --devices=skip "
        f"--exclude-dir=site-packages -- %s {PLACES}",
        secret,
    )
    files = done.stdout.splitlines()
    return f"a stranger reads members' password hashes in {files[0]}." if files else ""


@needs("test_it_runs_on_postgresql")
def test_the_role_may_do_little(database: Database | str, service: Service) -> None:
    """The board's role can make no roles or databases, nor read the server's files."""
    found = "" if isinstance(database, Database) else database
    if isinstance(database, Database):
        able = service.ask(ATTEMPT, attempts=ATTEMPTS)
        if able:
            found = f"the role {database.role} could {', '.join(able)}."
    expect(
        not found,
        wanted="the board's role can make neither roles nor databases, become no other "
        "role, and touch no file or program of the server.",
        found=found,
        why="whoever finds a hole in the site talks to the database as this role. A "
        "superuser's role can run programs.",
        look="\\du in psql. What a role need not be, ALTER ROLE takes away: "
        "NOSUPERUSER, NOCREATEDB, NOCREATEROLE.",
    )


@needs("test_it_runs_on_postgresql")
def test_the_ledger_is_closed(
    database: Database | str, service: Service, host: Host
) -> None:
    """The board's role reads nothing of the treasurer's database, who still can."""
    found = "" if isinstance(database, Database) else database
    if isinstance(database, Database):
        read = service.ask(ELSEWHERE, other="ledger")
        treasurer = database.psql(
            "runuser --user ledger --", "ledger", "SELECT iban FROM dues", "ledger"
        )
        if treasurer.rc != 0:
            said = (treasurer.stderr.rstrip(".\n").splitlines() or ["nothing"])[-1]
            found = f"the treasurer's account ledger can't read its own table: {said}."
        elif read:
            found = "the board's role connected to the database ledger and read "
            found += f"{', '.join(read)}."
    expect(
        not found,
        wanted="the board's role reads no table of the database ledger, and the "
        "account ledger reads them as before.",
        found=found,
        why="on one server with another's database, a hole in your site is a hole in "
        "theirs, unless the server tells the two apart.",
        look="who may connect: \\l in psql, where an empty column or `=Tc` stands for "
        "everybody; who may read: \\dp in the database ledger. REVOKE and GRANT change "
        "it.",
    )


@guard
@disturbs("data")
@needs("test_site_answers", "test_numbers_go_on")
def test_members_can_post(site: Site, member: Member | str) -> None:
    """A member logs in, posts a notice with a picture, and takes it down."""
    board.upload_works(site, member)


@guard
@needs("test_site_answers")
def test_earlier_labs_still_hold(host: Host, service: Service, site: Site) -> None:
    """What was won before still holds: own user, closed code, secrets, logs, styles."""
    service_user.all_kept(host, service, site)
    board.requests_are_logged(host, service, site)
    files.styles_are_there(site)


@disturbs("restart")
@needs("test_site_answers", "test_it_runs_on_postgresql")
def test_it_lives_through_a_stop(host: Host, site: Site) -> None:
    """While PostgreSQL is stopped the board says so; it is back without a restart."""
    # The clusters follow postgresql.service down, and nobody would wait for them.
    host.check_output("systemctl stop postgresql.service 'postgresql@*.service'")
    try:
        away = site.get("/health/", "--max-time", "15")
        running = host.run("pg_lsclusters --no-header").stdout
    finally:
        host.check_output("systemctl start postgresql.service")
    deadline = time.monotonic() + 20
    while (back := site.get("/health/")).status != 200 and time.monotonic() < deadline:
        time.sleep(0.5)
    found = ""
    if away.status != 503 and " online " in running:
        found = "PostgreSQL was stopped, and up again with the next visitor: the board "
        found += f"was down with it, and its start brought both. /health/: {away}."
    elif away.status != 503:
        found = f"while PostgreSQL was stopped, /health/ was answered with {away}"
        found += ": the running board does not ask it." if away.status == 200 else "."
    elif back.status != 200:
        found = f"20 s after PostgreSQL was there again, /health/ gave {back}."
    expect(
        not found,
        wanted="/health/ answers 503 while PostgreSQL is stopped, and 200 once it is "
        "back, with nobody restarting the board.",
        found=found,
        why="a database server is restarted at each of its updates. The site should "
        "stay up to say what is wrong, and need nobody's hand afterwards.",
        look="systemctl show board --property Requires,BindsTo,PartOf: what the "
        "board's unit requires takes it down. After= and Wants= do not. Where the "
        "running board does not ask PostgreSQL: was it restarted since its settings "
        "changed?",
    )


@disturbs("reboot")
@needs(
    "test_site_answers",
    "test_it_runs_on_postgresql",
    "test_nothing_was_lost",
    "test_numbers_go_on",
    "test_no_password_anywhere",
    "test_nobody_else_gets_in",
    "test_the_role_may_do_little",
    "test_the_ledger_is_closed",
    "test_members_can_post",
    "test_earlier_labs_still_hold",
    "test_it_lives_through_a_stop",
)
def test_it_survives_a_reboot(
    host: Host,
    service: Service,
    reboot: Callable[[], None],
    request: pytest.FixtureRequest,
) -> None:
    """All of this is still true after a reboot."""
    reboot()
    site = request.getfixturevalue("site")
    with still_after(
        "a reboot",
        why="what nobody has told systemd to start is gone at the next power cut.",
        look="pg_lsclusters, which shows the clusters that run; what starts at boot: "
        "/etc/postgresql/17/main/start.conf, systemctl status postgresql.",
    ):
        test_site_answers(service, site)
        database = postgresql.database(host, service)
        test_it_runs_on_postgresql(database)
        test_no_password_anywhere(database)
        test_nobody_else_gets_in(database, host)
        test_the_ledger_is_closed(database, service, host)
        test_earlier_labs_still_hold(host, service, site)

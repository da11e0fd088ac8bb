#!/bin/bash
# The board as it is after some years: a committee with rights, a log of what staff did,
# notices that were taken down. And a database server, on which somebody else's database
# is already. Runs on any server that has passed lab 15, on SQLite.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

asked() { systemctl show --property "$1" --value board; }
give_up() {
    echo "$1"
    echo "Next: ./lab start 21 --fresh"
    exit 1
}

systemctl start board
pid=$(asked MainPID)
python=$(tr '\0' '\n' <"/proc/$pid/cmdline" | grep -m 1 '/bin/' || true)
python=$(dirname "$python")/python
[ -x "$python" ] || give_up "Can't tell which Python runs the board."
mapfile -d '' -t environment <"/proc/$pid/environ"

echo "The board gets older: a committee, a log, notices that come and go"
database=$(cd "/proc/$pid/cwd" && env -i "${environment[@]}" PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE="$(asked Environment | grep -o 'DJANGO_SETTINGS_MODULE=[^ ]*' |
        cut -d = -f 2 | grep . || echo config.settings)" "$python" - <<'PYTHON'
import sys
from datetime import datetime, timedelta, timezone

sys.path.insert(0, "")
import django

django.setup()
from board.models import Category, Notice
from django.conf import settings
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.contrib.contenttypes.models import ContentType
from django.db import connection

if connection.vendor != "sqlite":
    sys.exit()
users = list(User.objects.order_by("pk")[:8])
boss = next((user for user in users if user.is_staff), users[0])
category = Category.objects.order_by("pk").first()

rights = ["change_notice", "delete_notice", "add_category", "change_category"]
committee, _ = Group.objects.get_or_create(name="Committee")
committee.permissions.set(
    Permission.objects.filter(content_type__app_label="board", codename__in=rights)
)
for user in users[:3]:
    user.groups.add(committee)
users[-1].user_permissions.add(Permission.objects.get(codename="view_logentry"))
for number, user in enumerate(users[:5]):
    user.last_login = datetime(2026, 9, 7 + number, 18, 4, 2, 101009 + number, timezone.utc)
    user.save()

first = Notice.objects.order_by("pk").first()
for title, body in (
    ("Lantern walk 🏮 on Saturday", "We meet at the gate:\r\n\r\n  – a lantern\r\n  – a scarf \r\n"),
    ("Gesucht: Nähmaschine", "Or a sewing machine, as my neighbours say. ☎ 0123\u00a0456"),
    ("1 < 2 && \"quoted\" \\ 'again'", "A proof, by the maths club.\tTab, and 50 % off."),
):
    notice = Notice(title=title, body=body, category=category, author=users[-1])
    notice.posted_at = first.posted_at + timedelta(days=3, microseconds=123457)
    notice.save()
    LogEntry.objects.create(
        user=boss,
        content_type=ContentType.objects.get_for_model(Notice),
        object_id=notice.pk,
        object_repr=title,
        action_flag=ADDITION,
        change_message='[{"added": {}}]',
    )
LogEntry.objects.create(
    user=boss,
    content_type=ContentType.objects.get_for_model(Group),
    object_id=committee.pk,
    object_repr="Committee",
    action_flag=CHANGE,
    change_message='[{"changed": {"fields": ["Permissions"]}}]',
)
for _ in range(7):
    Notice.objects.create(
        title="Sold", body="Gone.", category=category, author=users[-1]
    )
Notice.objects.filter(title="Sold", body="Gone.").delete()
print(settings.DATABASES["default"]["NAME"])
PYTHON
)
[ -f "$database" ] || give_up "The board's database is no file of SQLite any more."

# An app that is long gone was there before the others, so the numbers of content types
# and permissions are not those that a new database gives.
systemctl stop board.socket board.service 2>/dev/null || systemctl stop board.service
python3 - "$database" <<'PYTHON'
import sqlite3
import sys

base = sqlite3.connect(sys.argv[1])
columns = {
    "django_content_type": ["id"],
    "django_admin_log": ["content_type_id"],
    "auth_permission": ["id", "content_type_id"],
    "auth_group_permissions": ["permission_id"],
    "auth_user_user_permissions": ["permission_id"],
}
for table, names in columns.items():
    for name in names:
        by = 1 if "type" in table + name else 4
        base.execute(f"UPDATE {table} SET {name} = -({name} + {by})")
        base.execute(f"UPDATE {table} SET {name} = -{name}")
base.execute("INSERT INTO django_content_type VALUES (1, 'guestbook', 'entry')")
for number, word in enumerate(("add", "change", "delete", "view"), 1):
    base.execute(
        "INSERT INTO auth_permission (id, content_type_id, codename, name)"
        " VALUES (?, 1, ?, ?)",
        (number, f"{word}_entry", f"Can {word} entry"),
    )
base.commit()
assert not base.execute("PRAGMA foreign_key_check").fetchall()
PYTHON

# What is there now, for the checks: they compare.
install --mode 0600 /dev/null /opt/lab/board-before-21.sqlite3
python3 - "$database" /opt/lab/board-before-21.sqlite3 <<'PYTHON'
import sqlite3
import sys

old, new = map(sqlite3.connect, sys.argv[1:])
old.backup(new)
PYTHON
systemctl start board.socket 2>/dev/null || true
systemctl start board.service

echo "A database server, and the treasurer's database on it"
apt-get -o DPkg::Lock::Timeout=60 install --quiet=2 --yes --no-install-recommends \
    postgresql >/dev/null
getent passwd ledger >/dev/null ||
    useradd --system --user-group --no-create-home --home-dir /nonexistent \
        --shell /usr/sbin/nologin ledger
cd /
runuser --user postgres -- createuser ledger
runuser --user postgres -- createdb --owner ledger --encoding UTF8 --template template0 ledger
runuser --user ledger -- psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 ledger <<'SQL'
CREATE TABLE dues (
    member text NOT NULL,
    year integer NOT NULL,
    iban text NOT NULL,
    paid numeric(8, 2) NOT NULL,
    PRIMARY KEY (member, year)
);
INSERT INTO dues VALUES
    ('Amira Haddad', 2026, 'XX00 0000 0000 0001', 40.00),
    ('Jonas Lindqvist', 2026, 'XX00 0000 0000 0002', 40.00),
    ('Mei Tanaka', 2026, 'XX00 0000 0000 0003', 20.00),
    ('Rosa Ferreira', 2026, 'XX00 0000 0000 0004', 0.00);
-- "There is nobody here but me": the treasurer, in 2024.
GRANT SELECT ON ALL TABLES IN SCHEMA public TO PUBLIC;
SQL

"""The board's database in PostgreSQL: what its connection is, and what others may.

Nothing is assumed but that the site's Django has it as `default`: name, role, socket
and port are those of the service's own connection.
"""

import json
from dataclasses import dataclass
from typing import Any

from testinfra.backend.base import CommandResult
from testinfra.host import Host

from labkit.checks import Unmet, board
from labkit.checks.service import Service, Unable
from labkit.checks.site import Site

# Where Debian's PostgreSQL has its socket.
DEBIANS = "/var/run/postgresql"

# What the connection is, in the server's own words. system_user is the way in which
# the server came to know who is there: "peer:board", or nothing with `trust`.
_LOOK = """
from django.db import connection
answer = dict(vendor=connection.vendor)
if connection.vendor == "postgresql":
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_database(), session_user, system_user, "
            "inet_server_addr() IS NULL"
        )
        names = "name role system_user socket".split()
        answer |= dict(zip(names, cursor.fetchone(), strict=True))
        way = connection.connection.pgconn
        answer["used_password"] = bool(way.used_password)
        answer |= dict(host=way.host.decode(), port=way.port.decode())
"""


@dataclass(frozen=True)
class Database:
    """The board's database: its name, the role that the board has there, and the
    directory and port of the server's socket."""

    host: Host
    name: str
    role: str
    system_user: str
    socket: bool
    used_password: bool
    port: str
    directory: str

    def superuser(self, sql: str, database: str = "") -> list[list[Any]]:
        """The rows of a query, made by the server's owner, postgres."""
        asked = f"SELECT coalesce(json_agg(to_json(q)), '[]') FROM ({sql}) AS q"
        done = self.psql("runuser --user postgres --", "postgres", asked, database)
        if done.rc != 0:
            raise RuntimeError(f"postgres can't look: {done.stderr.strip()}")
        return [list(row.values()) for row in json.loads(done.stdout)]

    def psql(
        self, prefix: str, role: str, sql: str, database: str = "", server: str = ""
    ) -> CommandResult:
        """Run SQL by psql, as the account that `prefix` makes; it gives no password."""
        return self.host.run(
            f"cd / && {prefix} env -u PGPASSWORD psql --no-psqlrc --no-password "
            "--quiet --tuples-only --no-align --set ON_ERROR_STOP=1 "
            "--host %s --port %s --username %s --dbname %s --command %s",
            server or self.directory,
            self.port,
            role,
            database or self.name,
            sql,
        )


# What the database says to the site's own questions, in one line; "" where it answers.
_TROUBLE = """
from django.apps import apps
from django.db import Error
from board.models import Category, Notice
answer = ""
try:
    for model in apps.get_models():
        model._base_manager.count()
    if not Category.objects.count() and not Notice.objects.count():
        answer = "no rows"
except Error as error:
    answer = " ".join(str(error).split())
"""


def answers(service: Service, site: Site) -> None:
    """The home page answers, and health is good; else what the database says."""
    try:
        board.answers(service, site)
    except Unmet as unmet:
        try:
            trouble = service.ask(_TROUBLE)
        except (Unable, ValueError):  # it does not run, or its settings fail
            trouble = ""
        found = unmet.failure.found
        if trouble:
            found += f" The database says: {trouble}"
        look = f"{unmet.failure.look} The database's own log is in /var/log/postgresql."
        raise Unmet(unmet.failure._replace(found=found, look=look)) from None


def database(host: Host, service: Service) -> Database | str:
    """The board's database, or in words what it has in its place."""
    try:
        seen = service.ask(_LOOK)
    except Unable as words:
        return f"asking the database, as the service's user, failed: {words}."
    vendor = seen.pop("vendor")
    if vendor != "postgresql":
        return f"the board's database is one of {vendor}, by the service's settings."
    place = seen.pop("host")
    directory = place if seen["socket"] else DEBIANS
    way = seen.pop("system_user") or ""
    return Database(host=host, directory=directory, system_user=way, **seen)

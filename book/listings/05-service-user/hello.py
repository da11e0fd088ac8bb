"""hello: a site in one file. It greets, counts, and shows its pages."""

import os
import sys
from pathlib import Path

from django.conf import settings
from django.core.management import execute_from_command_line
from django.db import connection
from django.http import HttpResponse
from django.urls import path

HERE = Path(__file__).resolve().parent
DATA = Path(os.environ.get("HELLO_DATA", HERE))
KEY = Path(os.environ.get("HELLO_KEY", HERE / "key.txt"))

settings.configure(
    DEBUG=True,
    SECRET_KEY=KEY.read_text(),
    ROOT_URLCONF=__name__,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA / "visits.db",
        }
    },
)


def greet(request):
    """Count the visit, and say the number."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS visits (at TEXT)")
        cursor.execute("INSERT INTO visits VALUES (datetime())")
        cursor.execute("SELECT count(*) FROM visits")
        return HttpResponse(f"Hello, visitor {cursor.fetchone()[0]}.\n")


def page(request):
    """Show a page. There is a hole in this line."""
    return HttpResponse((HERE / "pages" / request.GET["name"]).read_text())


urlpatterns = [path("", greet), path("page/", page)]

if __name__ == "__main__":
    execute_from_command_line(sys.argv)

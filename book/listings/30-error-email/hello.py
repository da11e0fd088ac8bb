"""hello: a page, and a form that fails. Its settings are in a file beside it."""

import os
import sys

from django.core.management import execute_from_command_line
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")


def home(request):
    """Greet."""
    return HttpResponse("Hello\n")


def join(request):
    """Make somebody a member, one day."""
    raise NotImplementedError("no members yet")


urlpatterns = [path("", home), path("join/", join)]
application = get_wsgi_application()

if __name__ == "__main__":
    execute_from_command_line(sys.argv)

"""hello: a site in one file. It says by which name it was asked, and takes files."""

import os
import sys

from django.conf import settings
from django.core.management import execute_from_command_line
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path

settings.configure(
    DEBUG=True,
    SECRET_KEY="none is needed: hello signs nothing",
    ROOT_URLCONF=__name__,
)


def greet(request):
    """Say which process answers, and under which name."""
    return HttpResponse(f"Process {os.getpid()} at {request.get_host()}\n")


def receive(request):
    """Take what a visitor sends, and say how much it was."""
    return HttpResponse(f"{len(request.body)} bytes received\n")


urlpatterns = [path("", greet), path("receive/", receive)]

application = get_wsgi_application()

if __name__ == "__main__":
    execute_from_command_line(sys.argv)

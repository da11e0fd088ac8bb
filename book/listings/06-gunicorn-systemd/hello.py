"""hello: a site in one file. It greets, and it can take its time."""

import os
import sys
import time
from pathlib import Path

from django.conf import settings
from django.core.management import execute_from_command_line
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path

settings.configure(
    DEBUG=True,
    SECRET_KEY="none is needed: hello signs nothing",
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django.contrib.staticfiles"],
    STATIC_URL="static/",
    STATICFILES_DIRS=[Path(__file__).resolve().parent / "static"],
)


def greet(request):
    """Say which process answers."""
    return HttpResponse(f"Hello from process {os.getpid()}\n")


def wait(request):
    """Take a while, as a page does that waits for another machine."""
    time.sleep(float(request.GET.get("seconds", 2)))
    return HttpResponse("Waited.\n")


def compute(request):
    """Take a while, as a page does that has much to compute."""
    until = time.thread_time() + 2  # seconds of a processor, for this request
    while time.thread_time() < until:
        pass
    return HttpResponse("Computed.\n")


urlpatterns = [path("", greet), path("wait/", wait), path("compute/", compute)]

application = get_wsgi_application()

if __name__ == "__main__":
    execute_from_command_line(sys.argv)

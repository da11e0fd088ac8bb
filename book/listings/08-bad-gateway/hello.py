"""hello: a site in one file. It greets, it takes its time, and it fails."""

import os
import time

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path

settings.configure(
    ALLOWED_HOSTS=["hello.test"],
    SECRET_KEY="none is needed: hello signs nothing",
    ROOT_URLCONF=__name__,
)


def greet(request):
    """Say which process answers."""
    return HttpResponse(f"Hello from process {os.getpid()}\n")


def wait(request):
    """Take a while, as a page does that waits for another machine."""
    time.sleep(float(request.GET.get("seconds", 2)))
    return HttpResponse("Waited.\n")


def fail(request):
    """Make a mistake."""
    return HttpResponse(1 / 0)


urlpatterns = [path("", greet), path("wait/", wait), path("fail/", fail)]

application = get_wsgi_application()

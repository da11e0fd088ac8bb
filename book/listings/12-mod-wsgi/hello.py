"""hello: a page that says which process made it."""

import os
import pwd

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
    """Say who answers, and what mod_wsgi says of it."""
    user = pwd.getpwuid(os.geteuid()).pw_name
    group = request.META.get("mod_wsgi.process_group") or "none: embedded"
    return HttpResponse(
        f"Hello from process {os.getpid()} of {user}, process group {group} "
        f"for {os.environ['SITE']}\n"
    )


urlpatterns = [path("", greet)]

application = get_wsgi_application()

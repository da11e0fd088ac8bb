"""hello: a page, and a form that fails. Its settings are in a file beside it."""

from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path


def home(request):
    """Greet."""
    return HttpResponse("Hello\n")


def join(request):
    """Make somebody a member, one day."""
    raise NotImplementedError("no members yet")


urlpatterns = [path("", home), path("join/", join)]
application = get_wsgi_application()

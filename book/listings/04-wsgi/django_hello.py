"""hello, made with Django: what it gives to the server is a callable as well."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path

settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["127.0.0.1"])


def greet(request, name):
    """Greet whoever the path names."""
    return HttpResponse(f"Hello, {name}!\n")


urlpatterns = [path("<path:name>", greet)]
application = get_wsgi_application()

"""hello: a page with a style sheet. Its settings are in a file beside it."""

import os
import sys

from django.conf import settings
from django.conf.urls.static import static as served
from django.core.management import execute_from_command_line
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.templatetags.static import static
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")


def home(request):
    """Greet, in the colour of the style sheet."""
    sheet = static("hello.css")
    return HttpResponse(f'<link rel="stylesheet" href="{sheet}">\n<p>Hello\n')


urlpatterns = [path("", home)]
# Uploads. This adds nothing unless DEBUG is on.
urlpatterns += served(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT)

application = get_wsgi_application()

if __name__ == "__main__":
    execute_from_command_line(sys.argv)

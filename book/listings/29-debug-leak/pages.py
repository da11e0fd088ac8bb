"""hello: a page that knows its members, and the link at the end of each newsletter."""

from django.contrib.auth.views import LoginView
from django.core import signing
from django.http import HttpResponse
from django.urls import path


def home(request):
    """Greet."""
    return HttpResponse(f"Hello, {request.user.username or 'stranger'}\n")


def goodbye(request, who):
    """Send no more letters to whoever follows the signed link in one."""
    return HttpResponse(f"No more letters to {signing.loads(who)}\n")


urlpatterns = [
    path("", home),
    path("goodbye/<who>/", goodbye),
    path("login/", LoginView.as_view(template_name="login.html")),
]

"""hello's one page. It writes, so that we see where."""

from django.http import HttpResponse
from django.urls import path

from .models import Guest


def home(request):
    """Enter a guest into the book, and greet."""
    guest = Guest.objects.create(name=request.GET.get("name", "nobody"))
    return HttpResponse(f"Hello {guest.name}, guest number {guest.pk}\n")


urlpatterns = [path("", home)]

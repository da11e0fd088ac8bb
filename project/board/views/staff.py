"""Pages for those who run the site."""

from django.contrib.auth.mixins import UserPassesTestMixin
from django.db import Error
from django.http import HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView, View

from ..models import Category


class DeliberateError(Exception):
    """Raised on purpose by /staff/fail/."""


class StaffOnly(UserPassesTestMixin):
    """Let in staff: members get a 403, visitors the login page."""

    def test_func(self):
        """Return whether the member is staff."""
        return self.request.user.is_staff


class StaffRoom(StaffOnly, TemplateView):
    """Where staff find the admin and the test of error reports."""

    template_name = "board/staff.html"


@method_decorator(sensitive_post_parameters("password"), "dispatch")
class Fail(StaffOnly, View):
    """Fail, to test that error reports arrive."""

    def get(self, request):
        """Raise an error that nothing catches."""
        raise DeliberateError("Asked for at /staff/fail/: all is well.")

    post = get


@never_cache
@require_safe
def health(request):
    """Answer 200 if the database answers, else 503. Made for monitoring."""
    try:
        Category.objects.exists()
    except Error:
        return HttpResponse("database unavailable\n", "text/plain", status=503)
    return HttpResponse("ok\n", "text/plain")

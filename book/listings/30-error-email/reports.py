"""What reports of errors may hold, and how often they come."""

import logging
import re
import time

from django.views.debug import SafeExceptionReporterFilter


class Masked(SafeExceptionReporterFilter):
    """Stars for whatever a form sends under a name that sounds like a secret, also
    where a view has forgotten to say so. And for CSRF_COOKIE, which Django shows."""

    hidden_settings = re.compile(
        SafeExceptionReporterFilter.hidden_settings.pattern + "|COOKIE", re.IGNORECASE
    )

    def get_cleansed_multivaluedict(self, request, multivaluedict):
        """A form's fields as a report shows them."""
        fields = super().get_cleansed_multivaluedict(request, multivaluedict).copy()
        for name in fields:
            if self.hidden_settings.search(name):
                fields[name] = self.cleansed_substitute
        return fields

    def get_post_parameters(self, request):
        """The fields of the request's own form."""
        if request is None:
            return {}
        return self.get_cleansed_multivaluedict(request, request.POST)


class OncePer(logging.Filter):
    """Let an error pass, and the same error again only after some seconds.

    Errors are the same when they were raised in the same line. Each of the site's
    processes counts for itself.
    """

    def __init__(self, seconds):
        super().__init__()
        self.seconds = seconds
        self.passed = {}

    def filter(self, record):
        """Whether this one passes."""
        same = record.name, record.msg, self.origin(record)
        now = time.monotonic()
        if now - self.passed.get(same, -self.seconds) < self.seconds:
            return False
        self.passed[same] = now
        return True

    def origin(self, record):
        """The line that raised it, if anything was raised."""
        step = record.exc_info[2] if record.exc_info else None
        while step and step.tb_next:
            step = step.tb_next
        return step and (step.tb_frame.f_code.co_filename, step.tb_lineno)

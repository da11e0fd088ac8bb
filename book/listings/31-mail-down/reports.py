"""Reports whose failing costs no visitor the answer."""

from django.utils.log import AdminEmailHandler


class Report(AdminEmailHandler):
    """Mails an error. What goes wrong with that is said in the log, and no more."""

    def emit(self, record):
        """Send the report."""
        try:
            super().emit(record)
        except Exception:
            self.handleError(record)

"""The same, with little patience, and no harm done by a mail that fails."""

from settings import *  # noqa: F403

MAILERS["default"]["OPTIONS"]["timeout"] = 1  # noqa: F405
LOGGING["handlers"]["mail"]["class"] = "reports.Report"  # noqa: F405

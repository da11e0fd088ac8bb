"""The same, with masks and a limit."""

from signed import *  # noqa: F403

DEFAULT_EXCEPTION_REPORTER_FILTER = "reports.Masked"
LOGGING["filters"] = {"once": {"()": "reports.OncePer", "seconds": 30}}  # noqa: F405
LOGGING["handlers"]["mail"]["filters"] = ["once"]  # noqa: F405

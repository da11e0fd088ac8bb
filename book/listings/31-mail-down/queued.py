"""The same, by way of the queue."""

from bounded import *  # noqa: F403

MAILERS = {"default": {"BACKEND": "sendmail.EmailBackend"}}

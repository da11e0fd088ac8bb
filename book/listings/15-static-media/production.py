"""hello's settings on the server: those of the laptop, and what differs."""

from settings import *  # noqa: F403

DEBUG = False
STATIC_ROOT = "/opt/hello/static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage",
    },
}

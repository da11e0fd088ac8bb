
# Lab 15: nginx serves the static files and the uploads.
DEBUG = False
ALLOWED_HOSTS = ["board.test"]
STATIC_ROOT = "@CODE@/static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage",
    },
}

"""hello's settings, with a file as its database."""

ALLOWED_HOSTS = ["127.0.0.1"]
SECRET_KEY = "none is needed: hello signs nothing"
ROOT_URLCONF = "guests.urls"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "guests",
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": "/var/lib/hello/db.sqlite3",
    }
}

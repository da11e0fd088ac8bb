"""hello's settings, as somebody left them who was looking for an error."""

from pathlib import Path

DEBUG = True
ALLOWED_HOSTS = ["hello.test"]
SECRET_KEY = Path("/etc/hello/key").read_text().strip()
BANK_URL = "https://hello:open-sesame@bank.test/"
BANK_PASSWORD = "open-sesame"

ROOT_URLCONF = "pages"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
FORM = "<form method=post>{% csrf_token %}{{ form }}<button>Log in</button></form>\n"
LOADER = ["django.template.loaders.locmem.Loader", {"login.html": FORM}]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {"loaders": [LOADER]},
    }
]
LOGIN_REDIRECT_URL = "/"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": "/var/lib/hello/db.sqlite3",
    }
}

"""hello's settings, with PostgreSQL."""

from settings import *  # noqa: F403

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "hello",
        "USER": "hello",
    }
}

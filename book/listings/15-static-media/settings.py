"""hello's settings, as on a laptop."""

DEBUG = True
ALLOWED_HOSTS = ["hello.test", "127.0.0.1"]
SECRET_KEY = "none is needed: hello signs nothing"
ROOT_URLCONF = "hello"
INSTALLED_APPS = ["django.contrib.staticfiles"]
STATIC_URL = "static/"
STATICFILES_DIRS = ["/opt/hello/style"]
MEDIA_URL = "media/"
MEDIA_ROOT = "/var/lib/hello/media"

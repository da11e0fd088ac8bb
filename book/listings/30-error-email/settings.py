"""hello's settings: DEBUG off, as it has to be, and no word on errors."""

DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
SECRET_KEY = "none is needed: hello signs nothing"
ROOT_URLCONF = "hello"

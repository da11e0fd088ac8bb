"""What mod_wsgi loads. No unit gives an environment here, so this file does.

Touch it, and each process of mod_wsgi starts anew before its next request.
"""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "@SETTINGS@"

from config.wsgi import application  # noqa: F401

"""Serve an application with the standard library's server: serve.py MODULE:NAME."""

import pkgutil
import sys
from wsgiref.simple_server import make_server

application = pkgutil.resolve_name(sys.argv[1])
make_server("127.0.0.1", 8001, application).serve_forever()

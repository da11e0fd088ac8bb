"""The standard library's server, with the application in its middleware."""

from wsgiref.simple_server import make_server

from echo import application
from request_id import RequestId

with make_server("127.0.0.1", 8000, RequestId(application)) as server:
    server.serve_forever()

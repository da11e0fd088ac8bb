#!/bin/bash
# title: A middleware decodes the query
# symptom: A search for R&D finds everything with an R.
# section: A query decoded too early
# fails: test_environ_is_echoed
# says: 1/2
# reboot: no
set -euo pipefail
cat >>/opt/wsgi/request_id.py <<'PYTHON'


class Readable(RequestId):
    """Everybody downstream wants the query decoded, surely."""

    def __call__(self, environ, start_response):
        from urllib.parse import unquote

        environ["QUERY_STRING"] = unquote(environ["QUERY_STRING"])
        return super().__call__(environ, start_response)
PYTHON
sed -i 's/RequestId/Readable/' /opt/wsgi/serve.py
systemctl restart wsgi

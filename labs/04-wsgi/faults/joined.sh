#!/bin/bash
# title: The middleware waits for the whole answer
# symptom: A large download begins late and costs memory.
# section: An answer kept as a whole
# fails: test_a_large_answer_streams
# says:  MB
# reboot: no
set -euo pipefail
sed -i 's/for piece in body:/for piece in [b"".join(body)]:/' /opt/wsgi/request_id.py
systemctl restart wsgi

#!/bin/bash
# title: It listens somewhere else
# symptom: The service is active, and nobody gets an answer.
# section: Nobody answers
# fails: test_it_answers
# says: 8080
# reboot: no
set -euo pipefail
sed -i 's/8000/8080/' /opt/wsgi/serve.py
systemctl restart wsgi

#!/bin/bash
# title: Whatever is announced is read
# symptom: A single request, and nobody is answered.
# section: A length that is none
# fails: test_a_wrong_length_is_refused
# says: Content-Length: -1
# reboot: no
set -euo pipefail
sed -i 's/if not (length.isascii() and length.isdecimal()):/if not length:/' /opt/wsgi/echo.py
systemctl restart wsgi

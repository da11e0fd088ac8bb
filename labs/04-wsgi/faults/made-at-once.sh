#!/bin/bash
# title: The page makes its whole answer at once
# symptom: A large download costs as much memory as it is long.
# section: An answer kept as a whole
# fails: test_a_large_answer_streams
# says:  MB
# reboot: no
set -euo pipefail
sed -i 's/return pieces(int(number))/return [b"." * int(number)]/' /opt/wsgi/echo.py
systemctl restart wsgi

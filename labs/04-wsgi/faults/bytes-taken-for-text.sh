#!/bin/bash
# title: A path is printed as it comes
# symptom: José is greeted as JosÃ©.
# section: JosÃ©
# fails: test_names_in_any_script
# says: JosÃ
# reboot: no
set -euo pipefail
sed -i 's/raw.decode("utf-8")/raw.decode("latin-1")/' /opt/wsgi/echo.py
systemctl restart wsgi

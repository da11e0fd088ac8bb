#!/bin/bash
# title: The number is missing where it is needed
# symptom: Answers have a number, but for the errors.
# section: An error without a number
# fails: test_every_answer_has_its_number
# says: /crash (500): none
# reboot: no
set -euo pipefail
sed -i 's/            if sent:/            if True:/' /opt/wsgi/request_id.py
systemctl restart wsgi

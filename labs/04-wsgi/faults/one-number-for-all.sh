#!/bin/bash
# title: The number is made once
# symptom: Every visitor complains with the same number.
# section: One number for everybody
# fails: test_every_answer_has_its_number
# says: have the same
# reboot: no
set -euo pipefail
sed -i 's/number = uuid.uuid4().hex/number = self.number/' /opt/wsgi/request_id.py
sed -i 's/self.application = application/&\n        self.number = uuid.uuid4().hex/' /opt/wsgi/request_id.py
systemctl restart wsgi

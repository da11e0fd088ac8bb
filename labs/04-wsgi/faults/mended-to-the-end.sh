#!/bin/bash
# title: A torn answer is made whole
# symptom: A download is complete, and the file is broken.
# section: An error that looks like a page
# fails: test_errors_are_told
# says: looks whole
# reboot: no
set -euo pipefail
sed -i 's/^                raise$/                yield b"x" * 500\n                return/' /opt/wsgi/request_id.py
systemctl restart wsgi

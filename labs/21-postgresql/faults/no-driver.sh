#!/bin/bash
# title: A release without the driver
# symptom: Since the virtual environment was made anew, every page is a 502 or a 504.
# section: Error loading psycopg
# fails: test_site_answers
# says: Error loading psycopg
# reboot: no
set -euo pipefail
/opt/board/venv/bin/pip uninstall --quiet --yes psycopg psycopg-binary 2>/dev/null
systemctl restart board || true

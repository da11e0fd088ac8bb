#!/bin/bash
# title: The settings name another role
# symptom: Since a colleague tidied the settings, every page is a 500.
# section: Peer authentication failed
# fails: test_site_answers
# says: Peer authentication failed
# reboot: no
set -euo pipefail
sed -i 's/"USER": "board"/"USER": "postgres"/' /etc/board/settings.py
systemctl restart board

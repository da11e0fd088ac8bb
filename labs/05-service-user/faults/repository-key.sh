#!/bin/bash
# title: The key is the repository's again
# symptom: A stranger writes messages onto other people's pages.
# section: A secret that one group reads
# fails: test_secrets_are_private
# says: repository
# reboot: no
set -euo pipefail
sed -n 's/^SECRET_KEY = "\(.*\)"/\1/p' /opt/board/config/settings.py >/etc/board/secret_key
systemctl restart board

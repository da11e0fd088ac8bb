#!/bin/bash
# title: DEBUG is on again
# symptom: A wrong address shows a yellow page with all the site's addresses.
# section: DEBUG is on again
# fails: test_missing_page_tells_nothing, test_error_tells_nothing, test_unknown_host_tells_nothing, test_failing_upload_tells_nothing
# says: page for developers
# reboot: no
set -euo pipefail
echo 'DEBUG = True' >>/etc/board/settings.py
systemctl restart board

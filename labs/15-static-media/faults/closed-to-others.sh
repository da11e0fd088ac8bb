#!/bin/bash
# title: The static files are closed to others
# symptom: No styles for anybody, and nginx answers 403.
# section: No styles, and 403
# fails: test_styles_are_there
# says: 403
# reboot: no
set -euo pipefail
chgrp -R board /opt/board/static
chmod -R o= /opt/board/static

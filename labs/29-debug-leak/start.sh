#!/bin/bash
# Somebody looked for an error on the live site, and left two lines in the settings.
# Runs on any server that has the board below Gunicorn, wherever its settings are.
set -euo pipefail
cd /
systemctl start board
pid=$(systemctl show --property MainPID --value board)
mapfile -d '' -t environment <"/proc/$pid/environ"
command=$(systemctl show --property ExecStart --value board | sed -n '1s/.*argv\[\]=\([^;]*\) ;.*/\1/p')
python=$(dirname "${command%% *}")/python

# Runs Python on the board's Django, in the directory and environment of its unit.
django() {
    (cd "/proc/$pid/cwd" && env -i "${environment[@]}" PYTHONDONTWRITEBYTECODE=1 \
        "$python" -c "
import os, sys
sys.path.insert(0, '')
os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'config.settings')
from django.conf import settings
$1")
}

# What a key has signed tells later which key it was, and not the key.
django 'from django.core import signing; print(signing.dumps("before", salt="lab29"))' \
    >/opt/lab/signed-before
settings=$(django 'print(sys.modules[settings.SETTINGS_MODULE].__file__)')

echo "Putting two lines at the end of $settings"
cat >>"$settings" <<'PYTHON'

# Monday's error does not happen on my laptop. What does the server really read?
DEBUG = True
AS_READ = [f"{name} = {value!r}" for name, value in list(globals().items()) if name.isupper()]
PYTHON
systemctl restart board

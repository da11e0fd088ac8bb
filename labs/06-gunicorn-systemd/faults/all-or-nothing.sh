#!/bin/bash
# title: The master goes with its first worker
# symptom: Once a night the whole site is away for seconds.
# fails: test_a_worker_may_die
# says: refused
# reboot: no
set -euo pipefail
cat >/opt/board/gunicorn.conf.py <<'PYTHON'
import os
import signal


def child_exit(server, worker):
    """Something is wrong: better start anew."""
    os.kill(server.pid, signal.SIGKILL)
PYTHON
systemctl restart board

#!/bin/bash
# title: The master goes with its first worker
# symptom: Once a night the whole site is away for seconds.
# section: The whole site dies with one worker
# fails: test_a_worker_may_die
# says: no answer
# reboot: no
set -euo pipefail
# Gunicorn reads this file unasked, from the directory in which it starts.
cat >/opt/board/gunicorn.conf.py <<'PYTHON'
import os


def child_exit(server, worker):
    """Something must be wrong: better begin anew. (Not while stopping.)"""
    if server.LISTENERS:
        os._exit(1)
PYTHON
systemctl restart board

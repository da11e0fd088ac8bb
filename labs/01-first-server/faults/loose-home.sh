#!/bin/bash
# title: A home directory that others can write
# symptom: ssh says "Permission denied (publickey)" to a key that worked yesterday.
# section: A key that worked yesterday
# fails: test_you_log_in_as_yourself
# says: key does not open
# reboot: no
set -euo pipefail
chmod 0777 /home/alice

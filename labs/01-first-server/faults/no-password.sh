#!/bin/bash
# title: sudo asks for a password that nobody has
# symptom: sudo: "Sorry, try again", whatever is typed.
# section: Sorry, try again
# fails: test_you_can_become_root
# says: has none
# reboot: no
set -euo pipefail
rm /etc/sudoers.d/alice

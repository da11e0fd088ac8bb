#!/bin/bash
# title: TODO: what is broken
# symptom: TODO: what somebody notices
# section: What goes wrong
# fails: test_it_survives_a_reboot
# says: after a reboot
# reboot: no
set -euo pipefail
# TODO: break a solved server in this one way

#!/bin/bash
# title: TODO: what is broken
# symptom: TODO: what somebody notices
# section: What goes wrong
# fails: test_first
# says: TODO: a word that "found" then holds
# reboot: no
set -euo pipefail
# TODO: break a solved server in this one way

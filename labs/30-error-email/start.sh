#!/bin/bash
# The board as lab 21 left it, and a provider of mail that the board is a customer of.
set -euo pipefail

echo "An account with Letterbox, a mail provider: see /root/letterbox.txt"
/opt/lab/letterbox/join

#!/bin/bash
# The board as lab 30 left it, on a night in which its mail provider is down.
set -euo pipefail

echo "Letterbox, the mail provider, takes connections and says nothing"
/opt/lab/letterbox/mode silent

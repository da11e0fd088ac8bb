#!/bin/bash
# The reference solution of lab {{number}}. Runs as root; running it again is harmless.
set -euo pipefail
cd "$(dirname "$0")"
# TODO: the solution, with its files in files/

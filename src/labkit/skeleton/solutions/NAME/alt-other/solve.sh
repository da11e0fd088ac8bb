#!/bin/bash
# Another right answer: TODO: by which mechanism; name this directory after it.
set -euo pipefail

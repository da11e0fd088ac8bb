"""`python -m labkit` is the command line."""

import sys
from contextlib import nullcontext
from pathlib import Path

from labkit import ssh
from labkit.collecting import seldom

# What `check` needs next is a connection, which opens while all else is imported.
CONFIG = Path(__file__).resolve().parents[2] / ".lab" / "ssh_config"
looks = sys.argv[1:2] == ["check"] and not {"--help", "--json-schema"} & {*sys.argv}

with seldom(), ssh.begun(CONFIG, "lab") if looks else nullcontext():
    from labkit.cli import main

    main()

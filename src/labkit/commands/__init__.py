"""What each command of the command line does; `labkit.cli` only parses."""

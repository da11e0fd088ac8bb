"""The command line and the engine behind *The Open Box*'s labs."""

"""The settings, the addresses and the entry points of the site."""

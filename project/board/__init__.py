"""A notice board for a neighbourhood."""

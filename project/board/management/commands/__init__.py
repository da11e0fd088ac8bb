"""Commands of the board, for manage.py."""

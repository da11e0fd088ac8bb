"""The pages of the board, a module for each kind."""

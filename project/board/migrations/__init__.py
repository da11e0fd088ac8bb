"""The tables of the board, step by step."""

"""What a new board shows: notices and drawings for a laptop."""

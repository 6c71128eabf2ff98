"""The commands that move points."""

"""Turning: the loop, the desk where slices lie, and how turns come to an end."""

"""Operators: read-only pages on how everything stands, for those who have the token."""

"""The store in SQLite: one file, and where it may lie."""

"""People: who of them are one, what is kept of one, and how one is forgotten."""

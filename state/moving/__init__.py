"""A whole state on its way: copied, handed over, backed up."""

"""Settings: all that an operator can set."""

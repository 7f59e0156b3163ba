"""Sources that are no topics: event logs, and nothing at all."""

"""Jobs: work that operators leave to the daemon, which does it beside its own."""

"""Recording: what verdicts and lists change in the store."""

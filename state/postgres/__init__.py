"""The store in PostgreSQL: pool, clock and faults of a server that many processes share."""

"""Planning: what to do on a record, decided from facts alone. Pure."""

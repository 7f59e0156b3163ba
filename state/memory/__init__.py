"""The store in memory: one file a room, tables of frozen facts that a journal can roll back."""

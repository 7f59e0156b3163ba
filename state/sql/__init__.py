"""The store in SQL: one file a room, statements that SQLite and PostgreSQL both understand, an engine for each."""

"""Background work, kept in PostgreSQL."""

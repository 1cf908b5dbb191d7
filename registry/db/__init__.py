"""The database: engine, unit of work, column types and migrations."""

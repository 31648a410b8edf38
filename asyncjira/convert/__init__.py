"""From issues, one a line, to tables: Parquet, CSV, DuckDB, SQLite, Arrow. Every issue becomes one row."""

"""The database: tables, migrations, bulk loading, the vault, and one module of named reads and writes a noun."""

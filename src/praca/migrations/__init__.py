"""Alembic histories: `city` and `identity`."""

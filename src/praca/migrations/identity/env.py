"""Alembic environment of the identity database."""

from praca.migrations.environment import run

run()

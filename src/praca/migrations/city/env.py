"""Alembic environment of the city database."""

from praca.migrations.environment import run

run()

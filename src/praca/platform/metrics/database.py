"""Figures of the city's database itself, and of what was made safe of it."""

from typing import Final

from praca.platform.metrics.figures import Figure, Reading

__all__ = ["DATABASE_READINGS"]

DATABASE_READINGS: Final = (
    Reading(
        "database",
        (
            Figure("praca_database_size_bytes", "Size of the city's database."),
            Figure("praca_database_connections", "Connections to its server, of everybody."),
            Figure("praca_database_connections_max", "How many there may be."),
        ),
        """
        SELECT pg_database_size(current_database()),
            (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
            current_setting('max_connections')::int
        """,
    ),
)

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
    Reading(
        "backups",
        (
            Figure(
                "praca_backup_last_timestamp_seconds",
                "When `praca backup` last made one, in Unix time.",
            ),
        ),
        """
        SELECT extract(epoch FROM at) FROM platform.audit_log
        WHERE resource_type = 'backup' AND action = 'platform.backup_made'
        ORDER BY id DESC LIMIT 1
        """,
    ),
)

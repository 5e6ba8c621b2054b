"""PostgreSQL: the embedded server, sessions, migrations."""

from praca.platform.database.engine import (
    Database,
    Databases,
    ReadSession,
    WriteSession,
    driver_connection,
    sqlalchemy_url,
)
from praca.platform.database.migrations import (
    HISTORIES,
    OLDEST_POSTGRESQL,
    MigrationError,
    is_at_head,
    is_behind,
    migrate,
)
from praca.platform.embedded import EmbeddedPostgres, EmbeddedPostgresError

__all__ = [
    "HISTORIES",
    "OLDEST_POSTGRESQL",
    "Database",
    "Databases",
    "EmbeddedPostgres",
    "EmbeddedPostgresError",
    "MigrationError",
    "ReadSession",
    "WriteSession",
    "driver_connection",
    "is_at_head",
    "is_behind",
    "migrate",
    "sqlalchemy_url",
]

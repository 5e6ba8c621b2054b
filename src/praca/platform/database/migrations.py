"""Migrations: one Alembic history per database, run under an advisory lock."""

import asyncio
from dataclasses import dataclass
from importlib import resources
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import AsyncConnection

from praca.platform.database.engine import Database, Databases
from praca.platform.database.models import CityBase, IdentityBase

__all__ = [
    "HISTORIES",
    "OLDEST_POSTGRESQL",
    "History",
    "MigrationError",
    "alembic_config",
    "is_at_head",
    "migrate",
]

_LOCK = 7_226_001
OLDEST_POSTGRESQL = 15
"""Major version of the oldest server that the tests are run against."""


class MigrationError(Exception):
    """The database is at a revision this release does not know, or on a server it cannot use."""


@dataclass(frozen=True, slots=True)
class History:
    """One line of migrations: its folder, its tables, and the schema of its version table."""

    name: str
    schema: str
    metadata: MetaData

    def database(self, databases: Databases) -> Database:
        """Return the database that this history belongs to."""
        return databases.city if self.name == "city" else databases.identity


HISTORIES = (
    History("city", "platform", CityBase.metadata),
    History("identity", "identity", IdentityBase.metadata),
)


def alembic_config(history: History, connection: Connection | None = None) -> Config:
    """Return Alembic's configuration of ``history``, on an open ``connection`` if given."""
    config = Config()
    folder = resources.files("praca.migrations") / history.name
    config.set_main_option("script_location", str(folder))
    config.set_main_option("path_separator", "os")
    config.attributes["history"] = history
    config.attributes["connection"] = connection
    return config


async def migrate(databases: Databases) -> None:
    """Bring both databases to the newest revision; of several processes one does the work.

    Raises:
        MigrationError: a database is at a revision that this release does not know, which
            happens when an older release is started on it; or its server is too old, or the
            database is not in UTF-8.
    """
    for history in HISTORIES:
        async with history.database(databases).engine.connect() as connection:
            await _check_server(connection, history)
            # The lock belongs to the session, not to a transaction: each migration commits.
            await connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
            await connection.commit()
            try:
                await connection.run_sync(_upgrade, history)
                await connection.commit()
            finally:
                await connection.rollback()
                await connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
                await connection.commit()


async def _check_server(connection: AsyncConnection, history: History) -> None:
    """Refuse what would fail half-way through the migrations, or later, with an obscure error."""
    version = int(await connection.scalar(text("SHOW server_version_num")) or 0) // 10_000
    encoding = await connection.scalar(text("SHOW server_encoding"))
    await connection.commit()
    if version < OLDEST_POSTGRESQL:
        raise MigrationError(
            f"the {history.name} database is on PostgreSQL {version}; "
            f"Praça needs {OLDEST_POSTGRESQL} or newer"
        )
    if encoding != "UTF8":
        raise MigrationError(
            f"the {history.name} database is in {encoding}; Praça needs one made with "
            "CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0"
        )


def _upgrade(connection: Connection, history: History) -> None:
    config = alembic_config(history, connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    current = set(_context(connection, history).get_current_heads())
    if current - known:
        raise MigrationError(
            f"the {history.name} database is at revision {', '.join(sorted(current - known))}, "
            "which this release does not know; start the newer release, or restore a backup"
        )
    if current != set(ScriptDirectory.from_config(config).get_heads()):
        command.upgrade(config, "head")


def _context(connection: Connection, history: History) -> MigrationContext:
    options: dict[str, Any] = {"version_table_schema": history.schema}
    return MigrationContext.configure(connection, opts=options)


async def is_at_head(databases: Databases) -> bool:
    """Tell whether both databases are at the newest revision of this release."""

    def at_head(connection: Connection, history: History) -> bool:
        script = ScriptDirectory.from_config(alembic_config(history))
        return set(_context(connection, history).get_current_heads()) == set(script.get_heads())

    async def check(history: History) -> bool:
        async with history.database(databases).engine.connect() as connection:
            return await connection.run_sync(at_head, history)

    return all(await asyncio.gather(*map(check, HISTORIES)))

"""Migrations: one Alembic history per database, run under an advisory lock.

Alembic is loaded only where there is something to migrate: that takes longer than to look.
"""

import asyncio
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import AsyncConnection

from praca.platform.database.engine import Database, Databases
from praca.platform.database.models import CityBase, IdentityBase
from praca.platform.revisions import REVISION_QUERY, revisions

if TYPE_CHECKING:
    from alembic.config import Config

__all__ = [
    "HISTORIES",
    "OLDEST_POSTGRESQL",
    "History",
    "MigrationError",
    "alembic_config",
    "is_at_head",
    "is_behind",
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


def alembic_config(history: History, connection: Connection | None = None) -> "Config":
    """Return Alembic's configuration of ``history``, on an open ``connection`` if given."""
    from alembic.config import Config  # noqa: PLC0415  # see above

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
    current, ours = _current(connection, history), revisions(history.name)
    if current - ours.known:
        raise MigrationError(
            f"the {history.name} database is at revision {', '.join(sorted(current - ours.known))},"
            " which this release does not know; start the newer release, or restore a backup"
        )
    if current != ours.newest:
        from alembic import command  # noqa: PLC0415  # see above

        command.upgrade(alembic_config(history, connection), "head")


def _current(connection: Connection, history: History) -> set[str]:
    """Return the revisions the database is at; none if it was never migrated."""
    table = connection.scalar(
        text("SELECT to_regclass(:name)"), {"name": f"{history.schema}.alembic_version"}
    )
    if table is None:
        return set()
    return set(connection.scalars(text(REVISION_QUERY.format(schema=history.schema))))


async def is_at_head(databases: Databases) -> bool:
    """Tell whether both databases are at the newest revision of this release."""

    async def check(history: History) -> bool:
        return await _revision(databases, history) == revisions(history.name).newest

    return all(await asyncio.gather(*map(check, HISTORIES)))


async def is_behind(databases: Databases) -> bool:
    """Tell whether a database lacks a migration of this release.

    One that a newer release has migrated is not behind: releases run side by side for a while.
    """

    async def check(history: History) -> bool:
        known = revisions(history.name)
        current = await _revision(databases, history)
        return current != known.newest and current <= known.known

    return any(await asyncio.gather(*map(check, HISTORIES)))


async def _revision(databases: Databases, history: History) -> frozenset[str]:
    async with history.database(databases).engine.connect() as connection:
        return frozenset(await connection.run_sync(_current, history))

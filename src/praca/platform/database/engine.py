"""Engines, sessions and the one way to let PostgreSQL render JSON."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, NewType, cast

import psycopg
from sqlalchemy import URL, make_url
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.util import greenlet_spawn

from praca.platform.telemetry.statements import TracedCursor

__all__ = [
    "Database",
    "Databases",
    "ReadSession",
    "WriteSession",
    "driver_connection",
    "sqlalchemy_url",
]

ReadSession = NewType("ReadSession", AsyncSession)
"""A session that may only read: its transaction is read-only in PostgreSQL, too."""

WriteSession = NewType("WriteSession", ReadSession)
"""A session that may also write. Every writer can read; no reader can write."""


def sqlalchemy_url(url: str) -> URL:
    """Return ``url`` with the one driver we use, whatever the scheme's spelling."""
    return make_url(url.replace("postgres://", "postgresql://", 1)).set(
        drivername="postgresql+psycopg"
    )


class Database:
    """One database: an engine with its pool, and the two kinds of sessions on it."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url = sqlalchemy_url(url)
        self.engine = create_async_engine(
            self.url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=30,
            # The text of an error goes to the log, and parameters are personal data.
            hide_parameters=True,
            # Statements are prepared at once: the hot ones are few and run many times.
            # Every statement, by whichever road, is run by a cursor of its connection.
            connect_args={"prepare_threshold": 1, "cursor_factory": TracedCursor},
        )
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    @property
    def dsn(self) -> str:
        """The address for tools that speak to psycopg directly."""
        return self.url.set(drivername="postgresql").render_as_string(hide_password=False)

    async def fetch_one(self, query: str, params: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """Run one statement in a transaction of its own and return its first row.

        Hot reads go this way: on the driver alone, in one round trip, without a session and the
        BEGIN and ROLLBACK around it. ``query`` uses psycopg's ``%(name)s`` parameters.
        """
        pooled = await self.engine.raw_connection()
        connection = cast("psycopg.AsyncConnection[Any]", pooled.driver_connection)
        try:
            await connection.set_autocommit(True)
            try:
                cursor = await connection.execute(cast("Any", query), params)
                row: tuple[Any, ...] | None = await cursor.fetchone()
                return row
            finally:
                if not connection.closed:
                    await connection.set_autocommit(False)
        finally:
            await greenlet_spawn(pooled.close)  # it resets the connection, which awaits

    async def fetch_json(self, query: str, params: Mapping[str, Any]) -> bytes | None:
        """Run ``query``, which yields one JSON text, and return it as bytes without parsing it.

        What PostgreSQL renders is sent as it is, which costs less than building objects here.
        """
        row = await self.fetch_one(query, params)
        return None if row is None or row[0] is None else str(row[0]).encode()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["psycopg.AsyncConnection[Any]"]:
        """Open a transaction on the driver alone, without a session; it commits at the end.

        Hot writes go this way, for the same reason as hot reads go by :meth:`fetch_one`.
        """
        pooled = await self.engine.raw_connection()
        connection = cast("psycopg.AsyncConnection[Any]", pooled.driver_connection)
        try:
            async with connection.transaction():
                yield connection
        finally:
            await greenlet_spawn(pooled.close)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[ReadSession]:
        """Open a session whose work is thrown away at the end."""
        async with self._sessions() as session:
            yield ReadSession(session)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[WriteSession]:
        """Open a session that commits at the end, or rolls back if the body raises."""
        async with self._sessions.begin() as session:
            yield WriteSession(ReadSession(session))

    async def dispose(self) -> None:
        """Close every pooled connection."""
        await self.engine.dispose()


class Databases:
    """The city's database and the accounts' database, which may be one and the same."""

    def __init__(self, city_url: str, identity_url: str | None, *, pool_size: int = 10) -> None:
        self.city = Database(city_url, pool_size=pool_size)
        self.identity = (
            self.city
            if identity_url is None or sqlalchemy_url(identity_url) == self.city.url
            else Database(identity_url, pool_size=pool_size)
        )

    async def dispose(self) -> None:
        """Close both."""
        await self.city.dispose()
        if self.identity is not self.city:
            await self.identity.dispose()


async def driver_connection(session: ReadSession) -> "psycopg.AsyncConnection[Any]":
    """Return the psycopg connection under ``session``, inside the session's transaction."""
    connection = await session.connection()
    raw = await connection.get_raw_connection()
    return cast("psycopg.AsyncConnection[Any]", raw.driver_connection)

"""A lock that tells when copies of people's rows are being made outside the tables.

An export or a saved index that began before somebody was erased still holds him when it is
written. Whoever makes such a copy holds the lock, shared, from before he reads until the copy can
be found; the clean-up after an erasure waits until nobody does, and then finds them all. A process
that dies lets go of the lock, as its connection ends.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import psycopg

from praca.platform.database import Database

__all__ = ["COPIES_LOCK", "copying", "lock_copies"]

COPIES_LOCK: Final = 7_226_010
_SHARED: Final = "SELECT pg_advisory_lock_shared(%s)"


@asynccontextmanager
async def copying(city: Database) -> AsyncIterator[None]:
    """Hold the lock while a copy is made, on a connection of its own."""
    connection = await psycopg.AsyncConnection.connect(city.dsn, autocommit=True)
    async with connection:
        await connection.execute(_SHARED, [COPIES_LOCK])
        yield


def lock_copies(connection: psycopg.Connection[Any]) -> None:
    """Hold the lock until ``connection``, which is in no transaction, is closed."""
    connection.execute(_SHARED, [COPIES_LOCK])

"""Connections of the pools that are in use."""

from typing import Any, Final

from sqlalchemy import event

from praca.platform.database.engine import Database, Databases
from praca.platform.metrics.families import Gauge

__all__ = ["watch_pools"]

_IN_USE: Final = Gauge(
    "praca_database_pool_in_use", "Connections lent out, of all processes.", ("database",)
)
_SIZE: Final = Gauge(
    "praca_database_pool_size", "Connections that may be lent out, of all processes.", ("database",)
)


def watch_pools(databases: Databases, size: int) -> None:
    """Show from now on how many connections of each pool are in use.

    Args:
        databases: whose.
        size: of each pool.
    """
    _watch(databases.city, "city", size)
    if databases.identity is not databases.city:
        _watch(databases.identity, "identity", size)


def _watch(database: Database, name: str, size: int) -> None:
    engine = database.engine.sync_engine

    # The pool's own count, not one of ours: it stays right whatever becomes of a connection.
    def lent(*_: Any) -> None:
        _IN_USE.set(_lent_out(engine.pool), name)

    def returned(*_: Any) -> None:
        _IN_USE.set(_lent_out(engine.pool) - 1, name)  # it is told before it is done

    event.listen(engine, "checkout", lent)
    event.listen(engine, "checkin", returned)
    _SIZE.set(size, name)
    _IN_USE.set(_lent_out(engine.pool), name)


def _lent_out(pool: Any) -> int:
    """Return the number; only pools that queue have one."""
    return int(pool.checkedout())

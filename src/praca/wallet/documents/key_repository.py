"""All SQL of the data keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text

from praca.platform.database import Database, ReadSession, WriteSession

__all__ = [
    "COUNT_BY_NAME",
    "WrappedKey",
    "add",
    "count_by_name",
    "destroy",
    "find",
    "hold",
    "page_under_others",
    "replace",
    "sample_by_name",
]

COUNT_BY_NAME: Final = (
    "SELECT key_name, count(*) FROM wallet.data_keys WHERE wrapped IS NOT NULL"
    " GROUP BY key_name ORDER BY key_name"
)

_FOUND: Final = "SELECT wrapped, key_name FROM wallet.data_keys WHERE account_id = %(account_id)s"


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A citizen's data key as it is kept; ``wrapped`` is none where the citizen was erased."""

    account_id: int
    wrapped: bytes | None
    key_name: str


async def find(city: Database, account_id: int) -> WrappedKey | None:
    """Return the account's data key."""
    row = await city.fetch_one(_FOUND, {"account_id": account_id})
    return None if row is None else WrappedKey(account_id, *row)


async def add(city: Database, key: WrappedKey) -> None:
    """Store a new data key, unless the account has, or had, one."""
    await city.fetch_one(
        "INSERT INTO wallet.data_keys (account_id, wrapped, key_name) VALUES (%(account_id)s,"
        " %(wrapped)s, %(key_name)s) ON CONFLICT DO NOTHING RETURNING true",
        {"account_id": key.account_id, "wrapped": key.wrapped, "key_name": key.key_name},
    )


async def hold(session: WriteSession, account_id: int) -> bool:
    """Tell whether the account's key is still there, and keep it so until the transaction ends.

    Who adds a document waits for who erases the account, and finds nothing to add it to.
    """
    found = await session.scalar(
        text(
            "SELECT wrapped IS NOT NULL FROM wallet.data_keys WHERE account_id = :account_id"
            " FOR NO KEY UPDATE"
        ),
        {"account_id": account_id},
    )
    return bool(found)


async def destroy(session: WriteSession, account_id: int) -> None:
    """Forget the account's data key for good; a mark that there was one stays.

    Also where there was none: a request in flight makes no first one then.
    """
    await session.execute(
        text(
            "INSERT INTO wallet.data_keys (account_id, wrapped, key_name)"
            " VALUES (:account_id, NULL, '') ON CONFLICT (account_id)"
            " DO UPDATE SET wrapped = NULL, key_name = ''"
        ),
        {"account_id": account_id},
    )


async def page_under_others(
    session: ReadSession, current: str, after: int, limit: int
) -> Sequence[WrappedKey]:
    """Return keys that are not under ``current``, of the next accounts behind ``after``."""
    rows = await session.execute(
        text(
            "SELECT account_id, wrapped, key_name FROM wallet.data_keys"
            " WHERE wrapped IS NOT NULL AND key_name <> :current AND account_id > :after"
            " ORDER BY account_id LIMIT :limit"
        ),
        {"current": current, "after": after, "limit": limit},
    )
    return [WrappedKey(*row) for row in rows]


async def sample_by_name(session: ReadSession) -> Sequence[WrappedKey]:
    """Return one data key under each key."""
    rows = await session.execute(
        text(
            "SELECT DISTINCT ON (key_name) account_id, wrapped, key_name FROM wallet.data_keys"
            " WHERE wrapped IS NOT NULL ORDER BY key_name, account_id"
        )
    )
    return [WrappedKey(*row) for row in rows]


async def replace(session: WriteSession, old: WrappedKey, new: WrappedKey) -> bool:
    """Store a data key wrapped anew; false if it was erased, or wrapped anew, meanwhile."""
    changed = await session.scalar(
        text(
            "UPDATE wallet.data_keys SET wrapped = :new, key_name = :key_name"
            " WHERE account_id = :account_id AND wrapped = :old RETURNING true"
        ),
        {
            "account_id": old.account_id,
            "old": old.wrapped,
            "new": new.wrapped,
            "key_name": new.key_name,
        },
    )
    return bool(changed)


async def count_by_name(session: ReadSession) -> dict[str, int]:
    """Return how many data keys are under each key."""
    rows = await session.execute(text(COUNT_BY_NAME))
    return {name: count for name, count in rows}  # noqa: C416  # rows are no pairs to mypy

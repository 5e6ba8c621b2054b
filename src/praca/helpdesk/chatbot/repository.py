"""All SQL of the conversations."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import text

from praca.helpdesk.chatbot import models
from praca.platform.database import Database, WriteSession

__all__ = ["StoredState", "claim", "delete", "delete_old", "find", "store"]

_TABLE: Final = models.chatbot_states.fullname
_BATCH: Final = 5_000


@dataclass(frozen=True, slots=True)
class StoredState:
    """A conversation as it is stored.

    Attributes:
        context: sealed.
        is_old: so old that it is forgotten.
    """

    version: int
    flow: str | None
    step: str
    context: bytes
    is_old: bool


async def find(city: Database, user_id: int, *, forget_after: timedelta) -> StoredState | None:
    """Return where the person's conversation is, in one round trip; it is not locked."""
    row = await city.fetch_one(
        "SELECT version, flow, step, context, updated_at < now() - %(age)s::interval"
        f" FROM {_TABLE} WHERE user_id = %(user_id)s",
        {"user_id": user_id, "age": forget_after},
    )
    return None if row is None else StoredState(*row)


async def claim(session: WriteSession, user_id: int, version: int) -> bool:
    """Lock the person's conversation; whether it is still the one of ``version`` (0: none)."""
    if version == 0:
        made = await session.scalar(
            text(
                f"INSERT INTO {_TABLE} (user_id, version, step, context)"
                " VALUES (:user_id, 0, 'menu', '') ON CONFLICT (user_id) DO NOTHING RETURNING true"
            ),
            {"user_id": user_id},
        )
        return bool(made)
    found = await session.scalar(
        text(f"SELECT version FROM {_TABLE} WHERE user_id = :user_id FOR UPDATE"),
        {"user_id": user_id},
    )
    return bool(found == version)


async def store(
    session: WriteSession, user_id: int, version: int, flow: str | None, step: str, context: bytes
) -> None:
    """Store where a claimed conversation is now."""
    await session.execute(
        text(
            f"UPDATE {_TABLE} SET version = :version, flow = :flow, step = :step,"
            " context = :context, updated_at = now() WHERE user_id = :user_id"
        ),
        {
            "user_id": user_id,
            "version": version,
            "flow": flow,
            "step": step,
            "context": context,
        },
    )


async def delete(session: WriteSession, user_id: int) -> None:
    """Forget the person's conversation."""
    await session.execute(
        text(f"DELETE FROM {_TABLE} WHERE user_id = :user_id"), {"user_id": user_id}
    )


async def delete_old(city: Database, *, older_than: timedelta) -> int:
    """Forget abandoned conversations, in batches; return how many."""
    gone = 0
    while True:
        async with city.write() as session:
            found = await session.scalars(
                text(
                    f"DELETE FROM {_TABLE} WHERE user_id IN (SELECT user_id FROM {_TABLE}"
                    " WHERE updated_at < now() - CAST(:age AS interval) LIMIT :batch"
                    " FOR UPDATE SKIP LOCKED) RETURNING user_id"
                ),
                {"age": older_than, "batch": _BATCH},
            )
            count = len(found.all())
        gone += count
        if count < _BATCH:
            return gone

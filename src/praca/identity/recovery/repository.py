"""All SQL of recoveries."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from praca.identity.models import PasswordRecovery
from praca.platform.database.engine import ReadSession, WriteSession

__all__ = [
    "delete_expired",
    "delete_recoveries_of",
    "find_by_email",
    "get_recovery",
    "list_unsent",
    "lock_recovery",
    "mark_sent",
    "replace_recovery",
]

_BATCH = 1000


async def replace_recovery(session: WriteSession, values: Mapping[str, Any]) -> None:
    """Store a recovery in the place of the last one for the same e-mail."""
    fresh = {column.name: None for column in PasswordRecovery.__table__.columns} | dict(values)
    statement = insert(PasswordRecovery).values(fresh)
    await session.execute(
        statement.on_conflict_do_update(index_elements=[PasswordRecovery.email_key], set_=fresh)
    )


async def get_recovery(session: ReadSession, recovery_id: UUID) -> PasswordRecovery | None:
    """Return the recovery with this id, unless another one has taken its place."""
    return await session.get(PasswordRecovery, recovery_id)


async def find_by_email(session: ReadSession, email_key: str) -> PasswordRecovery | None:
    """Return the recovery for an e-mail."""
    return await session.scalar(
        select(PasswordRecovery).where(PasswordRecovery.email_key == email_key)
    )


async def lock_recovery(session: WriteSession, recovery_id: UUID) -> PasswordRecovery | None:
    """Return the recovery, read afresh, and let nobody else change it meanwhile."""
    return await session.get(
        PasswordRecovery, recovery_id, with_for_update=True, populate_existing=True
    )


async def mark_sent(session: WriteSession, recovery_id: UUID, now: datetime) -> None:
    """Note that the code is on its way."""
    await session.execute(
        update(PasswordRecovery).where(PasswordRecovery.id == recovery_id).values(sent_at=now)
    )


async def list_unsent(session: ReadSession, *, made_before: datetime, now: datetime) -> list[UUID]:
    """Return the ids of some recoveries that still count and whose code is on no way."""
    found = await session.scalars(
        select(PasswordRecovery.id)
        .where(
            PasswordRecovery.sent_at.is_(None),
            PasswordRecovery.verified_at.is_(None),
            PasswordRecovery.created_at <= made_before,
            PasswordRecovery.expires_at > now,
        )
        .limit(_BATCH)
    )
    return list(found)


async def delete_recoveries_of(session: WriteSession, account_id: int) -> None:
    """Remove the recoveries of an account: its codes and tokens count no more."""
    await session.execute(delete(PasswordRecovery).where(PasswordRecovery.account_id == account_id))


async def delete_expired(session: WriteSession, before: datetime) -> None:
    """Remove the recoveries whose code and token expired until then."""
    await session.execute(
        delete(PasswordRecovery).where(
            PasswordRecovery.expires_at <= before,
            PasswordRecovery.token_expires_at.is_(None)
            | (PasswordRecovery.token_expires_at <= before),
        )
    )

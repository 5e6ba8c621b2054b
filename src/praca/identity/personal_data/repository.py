"""SQL of one's own data: what an account looks like to its owner, and how it goes."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Column, Text, delete, func, literal_column, or_, select, text, update

from praca.identity.models import Account, AuditRecord, RefreshToken, SignInFailure
from praca.identity.subjects import Role
from praca.platform.database.engine import ReadSession, WriteSession

__all__ = [
    "ERASED",
    "ERASED_ACCOUNTS",
    "account_columns",
    "audit_entries",
    "count_others",
    "delete_account",
    "forget_failures",
    "list_erasing",
    "mark_erasing",
    "next_other",
    "recently_erased",
    "sign_ins",
]

ERASED = "account_erased"
"""What the audit calls the end of an erasure."""

ERASED_ACCOUNTS = """
SELECT id, max(at) FROM (
    SELECT resource_id::bigint AS id, at FROM identity.audit_log
    WHERE action = 'identity.account_erased'
    UNION ALL SELECT id, erasing_at FROM identity.accounts WHERE erasing_at IS NOT NULL
) found GROUP BY id
"""
"""Who was erased, or is being erased, and when: for lists that are kept outside of the database."""

_SECRET = ("password_hash", "token_version", "erasing_at")
_DIGEST_LENGTH = 64


def account_columns(account: Account) -> dict[str, Any]:
    """Return what the account's row says of its owner, by column; later columns included."""
    names = (column.name for column in Account.__table__.columns)
    return {name: getattr(account, name) for name in names if name not in _SECRET}


async def sign_ins(session: ReadSession, account_id: int) -> Sequence[Any]:
    """Return when each session of the account began, was last used, ends, and was ended."""
    result = await session.execute(
        select(
            func.min(RefreshToken.created_at).label("aberta_em"),
            func.max(RefreshToken.created_at).label("usada_em"),
            func.max(RefreshToken.expires_at).label("expira_em"),
            func.max(RefreshToken.revoked_at).label("encerrada_em"),
        )
        .where(RefreshToken.account_id == account_id)
        .group_by(RefreshToken.family)
        .order_by(func.min(RefreshToken.created_at))
    )
    return result.all()


async def audit_entries(session: ReadSession, account_id: int) -> Sequence[AuditRecord]:
    """Return what the account did here, and what was done to it."""
    result = await session.scalars(
        select(AuditRecord)
        .where(
            or_(
                AuditRecord.actor_id == account_id,
                (AuditRecord.resource_type == "account")
                & (AuditRecord.resource_id == str(account_id)),
            )
        )
        .order_by(AuditRecord.id)
    )
    return result.all()


async def mark_erasing(session: WriteSession, account: Account, now: datetime) -> None:
    """Take from the account whatever tells who its owner is, and all that it could do.

    What is left is a number. A column that comes to the table later is emptied, too, or gets its
    default.
    """
    kept = {"id", "created_at", "updated_at", "token_version"}
    values: dict[str, Any] = {
        column.name: None if column.nullable else _nothing(column)
        for column in Account.__mapper__.columns
        if column.name not in kept and (column.nullable or isinstance(column.type, Text))
    }
    values |= {
        "username": f"apagada-{uuid4().hex}",
        "role": Role.USUARIO.value,
        "is_active": False,
        "token_version": account.token_version + 1,
        "erasing_at": now,
    }
    await session.execute(update(Account).where(Account.id == account.id).values(values))
    await session.execute(delete(RefreshToken).where(RefreshToken.account_id == account.id))


def _nothing(column: Column[Any]) -> Any:
    return "" if column.server_default is None else literal_column("DEFAULT")


async def forget_failures(session: WriteSession, keys: Collection[str]) -> None:
    """Forget every counter of these names, whatever it counts."""
    digests = [key[-_DIGEST_LENGTH:] for key in keys]
    await session.execute(
        delete(SignInFailure).where(func.right(SignInFailure.key, _DIGEST_LENGTH).in_(digests))
    )


async def list_erasing(session: ReadSession) -> Sequence[int]:
    """Return the accounts whose erasure has begun and not ended, the oldest first."""
    result = await session.scalars(
        select(Account.id).where(Account.erasing_at.is_not(None)).order_by(Account.erasing_at)
    )
    return result.all()


_OTHERS = (Account.role != Role.ADMIN.value, Account.erasing_at.is_(None))


async def count_others(session: ReadSession) -> tuple[int, int]:
    """Return how many accounts there are but those of admins, and the highest id among them."""
    row = await session.execute(
        select(func.count(), func.coalesce(func.max(Account.id), 0)).where(*_OTHERS)
    )
    count, highest = row.one()
    return count, highest


async def next_other(session: ReadSession, *, after: int, until: int) -> int | None:
    """Return the next account, by id, that is no admin's now."""
    return await session.scalar(
        select(Account.id)
        .where(*_OTHERS, Account.id > after, Account.id <= until)
        .order_by(Account.id)
        .limit(1)
    )


async def delete_account(session: WriteSession, account_id: int) -> bool:
    """Remove the emptied account; false if that is done already."""
    found = await session.scalar(
        delete(Account)
        .where(Account.id == account_id, Account.erasing_at.is_not(None))
        .returning(Account.id)
    )
    return found is not None


async def recently_erased(session: ReadSession, since: timedelta) -> Sequence[int]:
    """Return the accounts whose erasure ended within ``since``; never one that exists.

    Ids are not given twice, but a table that was emptied by hand may begin to count anew.
    """
    # The action as it stands in the index, which a parameter would not be.
    result = await session.scalars(
        text(
            "SELECT DISTINCT resource_id::bigint FROM identity.audit_log e"
            f" WHERE action = 'identity.{ERASED}' AND at > now() - :since AND NOT EXISTS"
            " (SELECT FROM identity.accounts a WHERE a.id = e.resource_id::bigint)"
        ),
        {"since": since},
    )
    return result.all()

"""All SQL of the accounts."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from praca.identity.models import (
    Account,
    Notice,
    QuestionSession,
    RefreshToken,
    SignInFailure,
)
from praca.identity.subjects import Role
from praca.kit.cpf import is_valid_cpf, normalize_cpf
from praca.platform.audit import AuditEntry, record
from praca.platform.database.engine import ReadSession, WriteSession

__all__ = [
    "add_failure",
    "add_notice",
    "add_question_session",
    "add_refresh_token",
    "audit",
    "change_account",
    "clear_failures",
    "contact_taken",
    "delete_notice",
    "delete_notices_before",
    "delete_question_sessions_before",
    "delete_stale",
    "get_account",
    "get_account_by_email",
    "get_account_by_login",
    "get_failures",
    "get_notice",
    "get_question_session",
    "get_refresh_token",
    "has_accounts",
    "insert_account",
    "list_accounts",
    "list_notices_before",
    "lock_account",
    "lock_admins",
    "revoke_families_of",
    "revoke_family",
]

_MOST_FAILURES = 1_000_000
_STALE_BATCH = 1000


async def get_account(session: ReadSession, account_id: int) -> Account | None:
    """Return the account with this id."""
    return await session.get(Account, account_id)


async def has_accounts(session: ReadSession) -> bool:
    """Tell whether any account exists."""
    return bool(await session.scalar(select(select(Account.id).exists())))


async def lock_account(session: WriteSession, account_id: int) -> Account | None:
    """Return the account, read afresh, and let nobody else change it or its tokens meanwhile."""
    return await session.get(
        Account, account_id, with_for_update={"key_share": True}, populate_existing=True
    )


async def lock_admins(session: WriteSession) -> list[int]:
    """Return the ids of all active admins, and let nobody else change one of them meanwhile."""
    found = await session.scalars(
        select(Account.id)
        .where(Account.role == Role.ADMIN.value, Account.is_active)
        .order_by(Account.id)
        .with_for_update(key_share=True)
    )
    return list(found)


async def get_account_by_login(session: ReadSession, login: str) -> Account | None:
    """Return the account with this user name, else CPF, else e-mail."""
    login = login.strip()
    found = await session.scalar(
        select(Account).where(func.lower(Account.username) == func.lower(login))
    )
    if found is None and is_valid_cpf(login):
        found = await session.scalar(select(Account).where(Account.cpf == normalize_cpf(login)))
    if found is None and "@" in login:
        found = await session.scalar(
            select(Account).where(func.lower(Account.email) == func.lower(login))
        )
    return found


async def list_accounts(
    session: ReadSession, *, offset: int, limit: int
) -> tuple[list[Account], int]:
    """Return one page of accounts by id, and how many there are."""
    total = await session.scalar(select(func.count()).select_from(Account))
    rows = await session.scalars(select(Account).order_by(Account.id).offset(offset).limit(limit))
    return list(rows), total or 0


async def get_account_by_email(session: WriteSession, email: str) -> Account | None:
    """Return the active account with this e-mail, which nobody removes meanwhile."""
    return await session.scalar(
        select(Account)
        .where(func.lower(Account.email) == func.lower(email.strip()), Account.is_active)
        .with_for_update(read=True, key_share=True)
        .execution_options(populate_existing=True)
    )


async def contact_taken(
    session: ReadSession, *, cpf: str | None, email: str | None, besides: int | None = None
) -> bool:
    """Tell whether an account, ``besides`` this one, has the CPF or signs in with the e-mail."""
    # A comparison with None would become IS NULL and find every account without one.
    same = []
    if cpf is not None:
        same.append(Account.cpf == cpf)
    if email is not None:
        same += [
            func.lower(Account.email) == func.lower(email),
            func.lower(Account.username) == func.lower(email),
        ]
    if not same:
        return False
    found = await session.scalars(select(Account.id).where(or_(*same)).limit(2))
    return any(account_id != besides for account_id in found)


async def insert_account(session: WriteSession, values: Mapping[str, Any]) -> Account | None:
    """Add an account, or return none if the name, CPF or e-mail is taken."""
    return await session.scalar(
        insert(Account).values(dict(values)).on_conflict_do_nothing().returning(Account)
    )


async def change_account(
    session: WriteSession, account: Account, changes: Mapping[str, Any]
) -> bool:
    """Change the account; false if the new user name, CPF or e-mail is taken."""
    try:
        async with session.begin_nested():
            for name, value in changes.items():
                setattr(account, name, value)
            await session.flush()
    except IntegrityError:
        return False
    await session.refresh(account)  # when it was changed is the database's to say
    return True


async def add_refresh_token(session: WriteSession, token: RefreshToken) -> int:
    """Store a refresh token and return its id."""
    session.add(token)
    await session.flush()
    return token.id


async def get_refresh_token(session: ReadSession, token_hash: str) -> RefreshToken | None:
    """Return the refresh token with this hash, read afresh."""
    return await session.scalar(
        select(RefreshToken)
        .where(RefreshToken.token_hash == token_hash)
        .execution_options(populate_existing=True)
    )


async def revoke_family(session: WriteSession, family: uuid.UUID, now: datetime) -> None:
    """Revoke every refresh token of one sign-in."""
    await session.execute(
        update(RefreshToken)
        .where(RefreshToken.family == family, RefreshToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )


async def revoke_families_of(session: WriteSession, account_id: int, now: datetime) -> None:
    """Revoke every refresh token of the account."""
    await session.execute(
        update(RefreshToken)
        .where(RefreshToken.account_id == account_id, RefreshToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )


async def get_failures(
    session: ReadSession, keys: Iterable[str]
) -> dict[str, tuple[datetime, int]]:
    """Return, for each key that has any, when its window began and how many failures it has."""
    rows = await session.execute(
        select(SignInFailure.key, SignInFailure.window_started, SignInFailure.failures).where(
            SignInFailure.key.in_(list(keys))
        )
    )
    return {key: (started, failures) for key, started, failures in rows}


async def add_failure(session: WriteSession, key: str, *, now: datetime, window: timedelta) -> int:
    """Count one failure, in a new window if the last one is over; return how many there are."""
    over = SignInFailure.window_started <= now - window
    counted = await session.scalar(
        insert(SignInFailure)
        .values(key=key, window_started=now, failures=1)
        .on_conflict_do_update(
            index_elements=[SignInFailure.key],
            set_={
                "window_started": case((over, now), else_=SignInFailure.window_started),
                "failures": case(
                    (over, 1), else_=func.least(SignInFailure.failures + 1, _MOST_FAILURES)
                ),
            },
        )
        .returning(SignInFailure.failures)
    )
    return counted or 0


async def clear_failures(session: WriteSession, key: str) -> None:
    """Forget the failures of ``key``."""
    await session.execute(delete(SignInFailure).where(SignInFailure.key == key))


async def delete_stale(session: WriteSession, *, now: datetime, window: timedelta) -> None:
    """Remove some counters whose window is over and some refresh tokens that have expired."""
    counters = (
        select(SignInFailure.key)
        .where(SignInFailure.window_started <= now - window)
        .limit(_STALE_BATCH)
        .with_for_update(skip_locked=True)
    )
    await session.execute(delete(SignInFailure).where(SignInFailure.key.in_(counters)))
    tokens = (
        select(RefreshToken.id)
        .where(RefreshToken.expires_at <= now)
        .limit(_STALE_BATCH)
        .with_for_update(skip_locked=True)
    )
    await session.execute(delete(RefreshToken).where(RefreshToken.id.in_(tokens)))


async def add_question_session(session: WriteSession, row: QuestionSession) -> None:
    """Store a question session."""
    session.add(row)
    await session.flush()


async def get_question_session(
    session: ReadSession, session_id: uuid.UUID
) -> QuestionSession | None:
    """Return the question session with this id."""
    return await session.get(QuestionSession, session_id)


async def delete_question_sessions_before(
    session: WriteSession, moment: datetime, limit: int
) -> int:
    """Forget up to ``limit`` question sessions opened before ``moment``; return how many."""
    old = (
        select(QuestionSession.session_id)
        .where(QuestionSession.created_at < moment)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    gone = delete(QuestionSession).where(QuestionSession.session_id.in_(old))
    return len((await session.execute(gone.returning(QuestionSession.session_id))).all())


async def add_notice(session: WriteSession, notice: Notice) -> None:
    """Store an e-mail that is to be sent."""
    session.add(notice)
    await session.flush()


async def get_notice(session: ReadSession, notice_id: uuid.UUID) -> Notice | None:
    """Return the notice with this id, unless it has been sent."""
    return await session.get(Notice, notice_id)


async def delete_notice(session: WriteSession, notice_id: uuid.UUID) -> None:
    """Remove a notice that has been sent."""
    await session.execute(delete(Notice).where(Notice.id == notice_id))


async def delete_notices_before(session: WriteSession, moment: datetime) -> None:
    """Remove the notices that were made until then."""
    await session.execute(delete(Notice).where(Notice.created_at <= moment))


async def list_notices_before(session: ReadSession, moment: datetime) -> list[uuid.UUID]:
    """Return the ids of some notices that were made until then."""
    found = await session.scalars(
        select(Notice.id).where(Notice.created_at <= moment).limit(_STALE_BATCH)
    )
    return list(found)


async def audit(
    session: WriteSession, what: str, account_id: int | None, actor_id: int | None
) -> None:
    """Note what was done to an account, or none of them in particular, and by whom."""
    resource_id = None if account_id is None else str(account_id)
    entry = AuditEntry(f"identity.{what}", "account", resource_id, actor_id)
    await record(session, entry, schema="identity")

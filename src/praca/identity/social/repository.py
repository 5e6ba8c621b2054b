"""All SQL of the sign-in by way of other providers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from praca.identity.social.models import LinkedIdentity, SocialAttempt, SocialRegistration
from praca.platform.database.engine import ReadSession, WriteSession

__all__ = [
    "add_attempt",
    "add_link",
    "delete_expired",
    "delete_link",
    "delete_links_of",
    "delete_registration",
    "delete_registrations_for",
    "delete_registrations_of",
    "find_link",
    "list_links",
    "lock_registration",
    "put_registration",
    "take_attempt",
]

_BATCH = 1000


async def add_attempt(session: WriteSession, values: Mapping[str, Any]) -> None:
    """Remember that somebody was sent to a provider."""
    await session.execute(insert(SocialAttempt).values(dict(values)))


async def take_attempt(
    session: WriteSession, *, state_hash: str, provider: str, browser_hash: str, now: datetime
) -> SocialAttempt | None:
    """Remove and return the attempt, if it counts: of several who bring the state, one gets it.

    From another browser it is not taken, or else whoever sees the state could spoil it.
    """
    return await session.scalar(
        delete(SocialAttempt)
        .where(
            SocialAttempt.state_hash == state_hash,
            SocialAttempt.provider == provider,
            SocialAttempt.browser_hash == browser_hash,
            SocialAttempt.expires_at > now,
        )
        .returning(SocialAttempt)
    )


async def put_registration(session: WriteSession, values: Mapping[str, Any]) -> None:
    """Remember somebody whom we do not know; his earlier token no longer counts."""
    row = insert(SocialRegistration).values(dict(values))
    keys = {"provider", "subject"}
    await session.execute(
        row.on_conflict_do_update(
            index_elements=sorted(keys),
            set_={name: row.excluded[name] for name in values if name not in keys},
        )
    )


async def lock_registration(
    session: WriteSession, token_hash: str, now: datetime
) -> SocialRegistration | None:
    """Return the registration that this token opens, and let nobody else use it meanwhile."""
    return await session.scalar(
        select(SocialRegistration)
        .where(SocialRegistration.token_hash == token_hash, SocialRegistration.expires_at > now)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


async def delete_registration(session: WriteSession, registration: SocialRegistration) -> None:
    """Remove what is used up."""
    await session.delete(registration)
    await session.flush()


async def find_link(session: ReadSession, *, provider: str, subject: str) -> LinkedIdentity | None:
    """Return the link of this person at the provider."""
    return await session.scalar(
        select(LinkedIdentity).where(
            LinkedIdentity.provider == provider, LinkedIdentity.subject == subject
        )
    )


async def list_links(session: ReadSession, account_id: int) -> list[LinkedIdentity]:
    """Return the account's links, the oldest first."""
    found = await session.scalars(
        select(LinkedIdentity)
        .where(LinkedIdentity.account_id == account_id)
        .order_by(LinkedIdentity.id)
    )
    return list(found)


async def add_link(
    session: WriteSession, *, account_id: int, provider: str, subject: str
) -> LinkedIdentity | None:
    """Link the account; none if the person or the account has a link of this provider."""
    return await session.scalar(
        insert(LinkedIdentity)
        .values(account_id=account_id, provider=provider, subject=subject)
        .on_conflict_do_nothing()
        .returning(LinkedIdentity)
    )


async def delete_link(session: WriteSession, link: LinkedIdentity) -> None:
    """Remove one link."""
    await session.delete(link)
    await session.flush()


async def delete_registrations_of(session: WriteSession, account_id: int) -> None:
    """Remove what waits to be registered of people whom the account is linked to."""
    linked = select(LinkedIdentity.provider, LinkedIdentity.subject).where(
        LinkedIdentity.account_id == account_id
    )
    await session.execute(
        delete(SocialRegistration).where(
            tuple_(SocialRegistration.provider, SocialRegistration.subject).in_(linked)
        )
    )


async def delete_registrations_for(session: WriteSession, email: str) -> None:
    """Remove what waits to be registered with this e-mail."""
    await session.execute(
        delete(SocialRegistration).where(
            func.lower(SocialRegistration.verified_email) == email.lower()
        )
    )


async def delete_links_of(session: WriteSession, account_id: int) -> None:
    """Remove every link of the account."""
    await session.execute(delete(LinkedIdentity).where(LinkedIdentity.account_id == account_id))


async def delete_expired(session: WriteSession, now: datetime) -> int:
    """Remove some attempts and registrations whose time is over; return how many."""
    attempts = (
        select(SocialAttempt.state_hash)
        .where(SocialAttempt.expires_at <= now)
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    )
    registrations = (
        select(SocialRegistration.token_hash)
        .where(SocialRegistration.expires_at <= now)
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    )
    gone = await session.scalars(
        delete(SocialAttempt)
        .where(SocialAttempt.state_hash.in_(attempts))
        .returning(SocialAttempt.state_hash)
    )
    more = await session.scalars(
        delete(SocialRegistration)
        .where(SocialRegistration.token_hash.in_(registrations))
        .returning(SocialRegistration.token_hash)
    )
    return len(gone.all()) + len(more.all())

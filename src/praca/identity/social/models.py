"""Tables of the sign-in by way of other providers."""

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, Index, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from praca.platform.database.models import IdentityBase

__all__ = ["LinkedIdentity", "SocialAttempt", "SocialRegistration"]

_SCHEMA = "identity"


class SocialAttempt(IdentityBase):
    """Somebody who was sent to a provider and has not come back yet.

    The row goes when he does. ``browser_hash`` is that of a cookie: only the browser that left may
    come back.
    """

    __tablename__ = "social_attempts"
    __table_args__ = (
        Index("ix_social_attempts_expires_at", "expires_at"),
        {"schema": _SCHEMA},
    )

    state_hash: Mapped[str] = mapped_column(Text, primary_key=True)
    provider: Mapped[str] = mapped_column(Text)
    browser_hash: Mapped[str] = mapped_column(Text)
    code_verifier: Mapped[str] = mapped_column(Text)
    nonce: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class SocialRegistration(IdentityBase):
    """Somebody whom a provider knows and we do not, until he registers or links an account."""

    __tablename__ = "social_registrations"
    __table_args__ = (
        Index("ix_social_registrations_expires_at", "expires_at"),
        {"schema": _SCHEMA},
    )

    provider: Mapped[str] = mapped_column(Text, primary_key=True)
    subject: Mapped[str] = mapped_column(Text, primary_key=True)
    token_hash: Mapped[str] = mapped_column(Text, unique=True)
    verified_email: Mapped[str | None] = mapped_column(Text)
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class LinkedIdentity(IdentityBase):
    """A person at a provider who may sign in to an account; an account has one per provider."""

    __tablename__ = "linked_identities"
    __table_args__ = (
        Index("uq_linked_identities_account_id_provider", "account_id", "provider", unique=True),
        Index("uq_linked_identities_provider_subject", "provider", "subject", unique=True),
        {"schema": _SCHEMA},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    account_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey(f"{_SCHEMA}.accounts.id", ondelete="CASCADE")
    )
    provider: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())

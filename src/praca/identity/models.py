"""Tables of the accounts' database."""

import uuid
from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from praca.identity.subjects import NoticeKind, Role, Subject
from praca.platform.database.models import IdentityBase

__all__ = [
    "Account",
    "AuditRecord",
    "Notice",
    "PasswordRecovery",
    "QuestionSession",
    "RefreshToken",
    "SignInFailure",
]

_SCHEMA = "identity"
_ROLES = ", ".join(f"'{role}'" for role in Role)
_NOTICES = ", ".join(f"'{kind}'" for kind in NoticeKind)


class Account(IdentityBase):
    """A person's, or a member of staff's, account; only citizens tell all of their data."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    username: Mapped[str] = mapped_column(Text)
    cpf: Mapped[str | None] = mapped_column(Text, unique=True)
    email: Mapped[str | None] = mapped_column(Text)
    full_name: Mapped[str | None] = mapped_column(Text)
    birth_date: Mapped[date | None] = mapped_column(Date)
    phone: Mapped[str | None] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    # None: no password opens the account; its owner signs in by way of another provider.
    password_hash: Mapped[str | None] = mapped_column(Text)
    token_version: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now(), onupdate=func.now()
    )
    erasing_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        CheckConstraint(f"role IN ({_ROLES})", name="role"),
        Index("uq_accounts_lower_username", func.lower(username), unique=True),
        Index("uq_accounts_lower_email", func.lower(email), unique=True),
        Index(
            "ix_accounts_erasing_at", erasing_at, postgresql_where=text("erasing_at IS NOT NULL")
        ),
        {"schema": _SCHEMA},
    )

    @property
    def subject(self) -> Subject:
        """The account as requests carry it."""
        return Subject(id=self.id, username=self.username, role=Role(self.role), cpf=self.cpf)


class RefreshToken(IdentityBase):
    """One link of a chain (``family``) of refresh tokens that began with a sign-in."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (
        Index("ix_refresh_tokens_family", "family"),
        Index("ix_refresh_tokens_account_id", "account_id"),
        Index("ix_refresh_tokens_expires_at", "expires_at"),
        {"schema": _SCHEMA},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    family: Mapped[uuid.UUID] = mapped_column(Uuid)
    account_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey(f"{_SCHEMA}.accounts.id", ondelete="CASCADE")
    )
    token_hash: Mapped[str] = mapped_column(Text, unique=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    replaced_by: Mapped[int | None] = mapped_column(BigInteger)
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class SignInFailure(IdentityBase):
    """Failed sign-ins of one name or address within the running window."""

    __tablename__ = "sign_in_failures"
    __table_args__ = (
        Index("ix_sign_in_failures_window_started", "window_started"),
        {"schema": _SCHEMA},
    )

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    window_started: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    failures: Mapped[int] = mapped_column(Integer)


class PasswordRecovery(IdentityBase):
    """What became of the last request to recover the password of one e-mail address.

    The address itself is kept, encrypted, only until a task has looked for its account. A request
    for an address without an account leaves a row, too, whose code nobody is told.
    """

    __tablename__ = "password_recoveries"
    __table_args__ = (
        Index("ix_password_recoveries_account_id", "account_id"),
        Index("ix_password_recoveries_expires_at", "expires_at"),
        {"schema": _SCHEMA},
    )

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    email_key: Mapped[str] = mapped_column(Text, unique=True)
    sealed_email: Mapped[bytes | None] = mapped_column(LargeBinary)
    account_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey(f"{_SCHEMA}.accounts.id", ondelete="CASCADE")
    )
    code_hash: Mapped[str] = mapped_column(Text)
    tries: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    sent_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    verified_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    token_expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Notice(IdentityBase):
    """An e-mail to the owner of an account that is still to be sent; then its row goes."""

    __tablename__ = "notices"
    __table_args__ = (
        CheckConstraint(f"kind IN ({_NOTICES})", name="kind"),
        Index("ix_notices_account_id", "account_id"),
        {"schema": _SCHEMA},
    )

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    account_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey(f"{_SCHEMA}.accounts.id", ondelete="CASCADE")
    )
    kind: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class QuestionSession(IdentityBase):
    """Somebody without an account who asks the help desk; its id is his token."""

    __tablename__ = "question_sessions"
    __table_args__ = ({"schema": _SCHEMA},)

    session_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class AuditRecord(IdentityBase):
    """The audit of this database; written by ``praca.platform.audit``, never changed."""

    __tablename__ = "audit_log"
    __table_args__ = (
        Index("ix_audit_log_actor_id", "actor_id"),
        Index("ix_audit_log_resource_type_resource_id", "resource_type", "resource_id"),
        Index(
            "ix_audit_log_erased_at",
            "at",
            postgresql_where=text("action = 'identity.account_erased'::text"),
        ),
        {"schema": _SCHEMA},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    action: Mapped[str] = mapped_column(Text)
    resource_type: Mapped[str] = mapped_column(Text)
    resource_id: Mapped[str | None] = mapped_column(Text)
    request_id: Mapped[str | None] = mapped_column(Text)
    address: Mapped[str | None] = mapped_column(Text)

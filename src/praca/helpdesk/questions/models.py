"""Tables of questions: sessions, questions, and the queue of messages about them."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from praca.helpdesk.questions.ports import Status, Topic
from praca.platform.database.models import CityBase

__all__ = ["MessageRow", "QuestionRow", "SessionRow"]

_SCHEMA = "helpdesk"
_NOW = text("now()")
_MOMENT = DateTime(timezone=True)
_STATUSES = ", ".join(f"'{status}'" for status in Status)
_TOPICS = ", ".join(f"'{topic}'" for topic in Topic)


class SessionRow(CityBase):
    """Who asks: an account has one session, anybody else as many as he opens."""

    __tablename__ = "sessions"

    id: Mapped[uuid.UUID] = mapped_column(
        Uuid, primary_key=True, comment="a secret: who knows it reads an anonymous session"
    )
    name: Mapped[str] = mapped_column(Text)
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(_MOMENT, server_default=_NOW)

    __table_args__ = (
        Index(
            "uq_sessions_user_id",
            "user_id",
            unique=True,
            postgresql_where=text("user_id IS NOT NULL"),
        ),
        Index("ix_sessions_created_at", "created_at", postgresql_using="brin"),
        {"schema": _SCHEMA},
    )


class QuestionRow(CityBase):
    """One question, and what has become of it."""

    __tablename__ = "questions"
    __table_args__ = (
        CheckConstraint(f"status IN ({_STATUSES})", name="status"),
        Index("ix_questions_session_id_created_at", "session_id", "created_at"),
        Index("ix_questions_created_at", "created_at", postgresql_using="brin"),
        {"schema": _SCHEMA},
    )

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    session_id: Mapped[uuid.UUID] = mapped_column(
        Uuid, ForeignKey(f"{_SCHEMA}.sessions.id", ondelete="CASCADE")
    )
    question: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    answer: Mapped[str | None] = mapped_column(Text)
    error: Mapped[str | None] = mapped_column(Text)
    details: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(_MOMENT)
    updated_at: Mapped[datetime] = mapped_column(_MOMENT)
    notified_at: Mapped[datetime | None] = mapped_column(_MOMENT)


class MessageRow(CityBase):
    """A message that waits, is being worked on (``lease``), or was laid aside (``dead_at``)."""

    __tablename__ = "messages"
    __table_args__ = (
        CheckConstraint(f"topic IN ({_TOPICS})", name="topic"),
        Index("ix_messages_waiting", "topic", "id", postgresql_where=text("dead_at IS NULL")),
        Index(
            "ix_messages_session",
            "session_id",
            "topic",
            "id",
            postgresql_where=text("dead_at IS NULL"),
        ),
        Index("ix_messages_dead", "id", postgresql_where=text("dead_at IS NOT NULL")),
        {"schema": _SCHEMA},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    topic: Mapped[str] = mapped_column(Text)
    question_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    session_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    deliveries: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    leased_until: Mapped[datetime] = mapped_column(
        _MOMENT,
        server_default=text("'-infinity'"),
        comment="before it nobody takes the message",
    )
    lease: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    error: Mapped[str | None] = mapped_column(Text)
    traceparent: Mapped[str | None] = mapped_column(
        Text, comment="the span that sent it (W3C Trace Context)"
    )
    created_at: Mapped[datetime] = mapped_column(_MOMENT, server_default=_NOW)
    dead_at: Mapped[datetime | None] = mapped_column(
        _MOMENT, comment="when it was laid aside: only a person sends it again"
    )

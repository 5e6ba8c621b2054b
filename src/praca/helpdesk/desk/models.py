"""The desk's tables, as the migration makes them; queries are in the repositories."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from praca.platform.database.models import CityBase

__all__ = ["feedback", "ticket_messages", "tickets", "unanswered", "unanswered_closings"]

_SCHEMA = "helpdesk"


def _now(name: str) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=False, server_default=text("now()"))


def _moment(name: str) -> Column[object]:
    return Column(name, DateTime(timezone=True))


def _id() -> Column[int]:
    return Column("id", BigInteger, Identity(always=False), primary_key=True)


feedback = Table(
    "feedback",
    CityBase.metadata,
    _id(),
    Column("question_id", UUID),
    Column("asker_key", LargeBinary),
    Column("user_id", BigInteger),
    Column("article_keys", ARRAY(Text), nullable=False),
    Column("helpful", Boolean, nullable=False),
    Column("comment", Text),
    _now("created_at"),
    _now("updated_at"),
    UniqueConstraint("question_id"),
    UniqueConstraint("asker_key"),
    CheckConstraint("(question_id IS NULL) <> (asker_key IS NULL)", name="subject"),
    Index("ix_feedback_user_id", "user_id"),
    Index("ix_feedback_updated_at_id", "updated_at", "id"),
    schema=_SCHEMA,
)

unanswered_closings = Table(
    "unanswered_closings",
    CityBase.metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("status", Text, nullable=False),
    Column("answer", Text),
    Column("article_id", BigInteger),
    _now("closed_at"),
    CheckConstraint("status IN ('respondida', 'artigo', 'dispensada')", name="status"),
    Index("ix_unanswered_closings_closed_at_id", "closed_at", "id"),
    schema=_SCHEMA,
)

unanswered = Table(
    "unanswered",
    CityBase.metadata,
    _id(),
    Column("key", LargeBinary, nullable=False),
    Column("question", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("question_id", UUID),
    Column("user_id", BigInteger),
    _now("asked_at"),
    Column(
        "closed_in", BigInteger, ForeignKey("helpdesk.unanswered_closings.id", ondelete="CASCADE")
    ),
    _moment("delivered_at"),
    UniqueConstraint("question_id"),
    CheckConstraint("source IN ('pergunta', 'chatbot', 'resposta')", name="source"),
    Index("ix_unanswered_key", "key", postgresql_where=text("closed_in IS NULL")),
    Index("ix_unanswered_closed_in", "closed_in"),
    Index("ix_unanswered_user_id", "user_id"),
    Index("ix_unanswered_asked_at_id", "asked_at", "id"),
    schema=_SCHEMA,
)

tickets = Table(
    "tickets",
    CityBase.metadata,
    _id(),
    Column("user_id", BigInteger),
    Column("subject", Text, nullable=False),
    Column("status", Text, nullable=False, server_default=text("'aberto'")),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    _now("opened_at"),
    _now("updated_at"),
    CheckConstraint("status IN ('aberto', 'respondido', 'fechado')", name="status"),
    Index("ix_tickets_status_updated_at_id", "status", "updated_at", "id"),
    Index("ix_tickets_updated_at_id", "updated_at", "id"),
    Index("ix_tickets_user_id_id", "user_id", "id"),
    schema=_SCHEMA,
)

ticket_messages = Table(
    "ticket_messages",
    CityBase.metadata,
    _id(),
    Column(
        "ticket_id",
        BigInteger,
        ForeignKey("helpdesk.tickets.id", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("author", Text, nullable=False),
    Column("text", Text, nullable=False),
    _now("written_at"),
    _moment("notified_at"),
    CheckConstraint("author IN ('cidadao', 'assistente', 'atendente')", name="author"),
    Index("ix_ticket_messages_ticket_id_id", "ticket_id", "id"),
    schema=_SCHEMA,
)

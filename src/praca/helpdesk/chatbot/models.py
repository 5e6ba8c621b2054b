"""The table of conversations, as the migration makes it; queries are in the repository."""

from sqlalchemy import BigInteger, Column, DateTime, Index, LargeBinary, Table, Text, text

from praca.platform.database.models import CityBase

__all__ = ["chatbot_states"]

chatbot_states = Table(
    "chatbot_states",
    CityBase.metadata,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", BigInteger, nullable=False),
    Column("flow", Text),
    Column("step", Text, nullable=False),
    Column("context", LargeBinary, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Index("ix_chatbot_states_updated_at", "updated_at"),
    schema="helpdesk",
)

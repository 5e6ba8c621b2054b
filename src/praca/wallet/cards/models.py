"""The table of transport cards; whose money is on one, the ledger knows."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Table,
    Text,
    text,
)

from praca.platform.database.models import CityBase
from praca.wallet.ledger.models import accounts

__all__ = ["cards"]

cards = Table(
    "cards",
    CityBase.metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("user_id", BigInteger, nullable=False),
    Column("card_number", Text, nullable=False, unique=True),
    Column("account_id", BigInteger, ForeignKey(accounts.c.id), nullable=False, unique=True),
    Column("is_first", Boolean, nullable=False, server_default=text("false")),
    Column("issued_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    CheckConstraint("card_number ~ '^[0-9]{16}$'", name="card_number"),
    Index("ix_cards_user_id", "user_id"),
    Index("uq_cards_first", "user_id", unique=True, postgresql_where=text("is_first")),
    schema="wallet",
)

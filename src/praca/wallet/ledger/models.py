"""The ledger's tables, as the migration makes them; they are read and written in SQL."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    Sequence,
    Table,
    Text,
    text,
)

from praca.platform.database.models import CityBase

__all__ = ["accounts", "entries", "transfer_ids", "transfers"]

_SCHEMA = "wallet"
_ACCOUNT = f"{_SCHEMA}.accounts.id"

transfer_ids = Sequence("transfer_ids", schema=_SCHEMA, metadata=CityBase.metadata)

accounts = Table(
    "accounts",
    CityBase.metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'open'")),
    Column("floor", BigInteger),
    Column("balance", BigInteger, nullable=False, server_default=text("0")),
    Column("entries", BigInteger, nullable=False, server_default=text("0")),
    Column("head", LargeBinary, nullable=False, server_default=text("''::bytea")),
    Column("latest_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    CheckConstraint("kind IN ('card', 'recharges', 'fares', 'pix', 'surrendered')", name="kind"),
    CheckConstraint("state IN ('open', 'blocked', 'closed')", name="state"),
    CheckConstraint("kind <> 'card' OR coalesce(floor = 0, false)", name="card_floor"),
    CheckConstraint("balance >= floor", name="no_overdraft"),
    CheckConstraint("entries >= 0", name="entries"),
    CheckConstraint("entries > 0 OR balance = 0", name="unused"),
    Index("uq_accounts_kind", "kind", unique=True, postgresql_where=text("kind <> 'card'")),
    schema=_SCHEMA,
)

transfers = Table(
    "transfers",
    CityBase.metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("source_id", BigInteger, ForeignKey(_ACCOUNT), nullable=False),
    Column("destination_id", BigInteger, ForeignKey(_ACCOUNT), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("idempotency_key", Text, unique=True),
    Column("input_hash", LargeBinary),
    Column("created_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("amount > 0", name="amount"),
    CheckConstraint("source_id <> destination_id", name="two_accounts"),
    CheckConstraint("(idempotency_key IS NULL) = (input_hash IS NULL)", name="hashed_input"),
    schema=_SCHEMA,
)

entries = Table(
    "entries",
    CityBase.metadata,
    Column("account_id", BigInteger, ForeignKey(_ACCOUNT), primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("transfer_id", BigInteger, ForeignKey(f"{_SCHEMA}.transfers.id"), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("balance", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    CheckConstraint("amount <> 0", name="amount"),
    CheckConstraint("number > 0", name="number"),
    CheckConstraint("number > 1 OR balance = amount", name="first"),
    CheckConstraint("octet_length(hash) = 32", name="hash"),
    schema=_SCHEMA,
)

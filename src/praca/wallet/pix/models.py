"""The tables of charges and payments, and those of the simulated provider (``pix_sim_*``)."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)

from praca.platform.database.models import CityBase
from praca.wallet.cards.models import cards

__all__ = [
    "pix_charge_states",
    "pix_charges",
    "pix_events",
    "pix_payments",
    "pix_sim_charges",
    "pix_sim_notices",
    "pix_sim_payments",
]

_SCHEMA = "wallet"
_MOMENT = DateTime(timezone=True)
_STATUSES = "'created', 'paid', 'credited', 'refunding', 'refunded', 'expired', 'cancelled'"

pix_charges = Table(
    "pix_charges",
    CityBase.metadata,
    Column("id", Uuid, primary_key=True),
    Column("txid", Text, nullable=False, unique=True),
    Column("user_id", BigInteger),
    Column("card_id", BigInteger, ForeignKey(cards.c.id, ondelete="SET NULL")),
    Column("amount", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("br_code", Text, nullable=False),
    Column("created_at", _MOMENT, nullable=False),
    Column("expires_at", _MOMENT, nullable=False),
    Column("ask_at", _MOMENT),
    Column("asked", Integer, nullable=False, server_default=text("0")),
    CheckConstraint("amount > 0", name="amount"),
    CheckConstraint(f"status IN ({_STATUSES})", name="status"),
    CheckConstraint("expires_at > created_at", name="expires_at"),
    Index("ix_pix_charges_user_id_created_at", "user_id", "created_at"),
    Index("ix_pix_charges_card_id", "card_id"),
    Index("ix_pix_charges_ask_at", "ask_at", postgresql_where=text("ask_at IS NOT NULL")),
    schema=_SCHEMA,
)

pix_charge_states = Table(
    "pix_charge_states",
    CityBase.metadata,
    Column("charge_id", Uuid, ForeignKey(pix_charges.c.id), primary_key=True),
    Column("number", SmallInteger, primary_key=True, autoincrement=False),
    Column("status", Text, nullable=False),
    Column("at", _MOMENT, nullable=False),
    CheckConstraint(f"status IN ({_STATUSES})", name="status"),
    schema=_SCHEMA,
)

pix_payments = Table(
    "pix_payments",
    CityBase.metadata,
    Column("end_to_end_id", Text, primary_key=True),
    Column("charge_id", Uuid, ForeignKey(pix_charges.c.id), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("paid_at", _MOMENT, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text),
    Column("noted_at", _MOMENT, nullable=False),
    Column("settled_at", _MOMENT),
    Column("returned_at", _MOMENT),
    Column("retry_at", _MOMENT),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    CheckConstraint("amount > 0", name="amount"),
    CheckConstraint("status IN ('credited', 'refunding', 'refunded')", name="status"),
    CheckConstraint("(status = 'credited') = (reason IS NULL)", name="reason"),
    CheckConstraint("(status = 'refunding') = (settled_at IS NULL)", name="settled_at"),
    CheckConstraint("status <> 'refunding' OR retry_at IS NOT NULL", name="retry_at"),
    Index("ix_pix_payments_charge_id", "charge_id"),
    Index(
        "uq_pix_payments_credited",
        "charge_id",
        unique=True,
        postgresql_where=text("status = 'credited'"),
    ),
    Index("ix_pix_payments_retry_at", "retry_at", postgresql_where=text("retry_at IS NOT NULL")),
    schema=_SCHEMA,
)

pix_events = Table(
    "pix_events",
    CityBase.metadata,
    Column("id", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("txid", Text, nullable=False),
    Column("end_to_end_id", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("received_at", _MOMENT, nullable=False),
    CheckConstraint("outcome IN ('applied', 'known', 'unmatched')", name="outcome"),
    Index("ix_pix_events_received_at", "received_at"),
    schema=_SCHEMA,
)

pix_sim_charges = Table(
    "pix_sim_charges",
    CityBase.metadata,
    Column("txid", Text, primary_key=True),
    Column("location", Text, nullable=False, unique=True),
    Column("amount", BigInteger, nullable=False),
    Column("expires_at", _MOMENT, nullable=False),
    schema=_SCHEMA,
)

pix_sim_payments = Table(
    "pix_sim_payments",
    CityBase.metadata,
    Column("end_to_end_id", Text, primary_key=True),
    Column("txid", Text, ForeignKey(pix_sim_charges.c.txid), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("paid_at", _MOMENT, nullable=False),
    Column("refund_id", Text),
    Column("refunded_at", _MOMENT),
    CheckConstraint("amount > 0", name="amount"),
    CheckConstraint("(refund_id IS NULL) = (refunded_at IS NULL)", name="refund"),
    Index("ix_pix_sim_payments_txid", "txid"),
    schema=_SCHEMA,
)

pix_sim_notices = Table(
    "pix_sim_notices",
    CityBase.metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("body", Text, nullable=False),
    Column("copies", SmallInteger, nullable=False),
    Column("due_at", _MOMENT, nullable=False),
    Column("tries", SmallInteger, nullable=False, server_default=text("0")),
    CheckConstraint("copies > 0", name="copies"),
    Index("ix_pix_sim_notices_due_at", "due_at"),
    schema=_SCHEMA,
)

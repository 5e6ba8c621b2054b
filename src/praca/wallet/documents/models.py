"""The documents' tables, as the migration makes them; queries are in the repositories."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from praca.platform.database.models import CityBase

__all__ = [
    "data_keys",
    "document_reminders",
    "document_share_views",
    "document_shares",
    "documents",
    "loose_objects",
]

_SCHEMA = "wallet"


def _now(name: str) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=False, server_default=text("now()"))


def _moment(name: str) -> Column[object]:
    return Column(name, DateTime(timezone=True))


data_keys = Table(
    "data_keys",
    CityBase.metadata,
    Column("account_id", BigInteger, primary_key=True, autoincrement=False),
    Column("wrapped", LargeBinary),
    Column("key_name", Text, nullable=False),
    _now("created_at"),
    Index("ix_data_keys_key_name_account_id", "key_name", "account_id"),
    schema=_SCHEMA,
)

documents = Table(
    "documents",
    CityBase.metadata,
    Column("id", BigInteger, Identity(always=False), primary_key=True),
    Column("user_id", BigInteger, ForeignKey("wallet.data_keys.account_id"), nullable=False),
    Column("document_type", Text, nullable=False),
    Column("document_number", LargeBinary, nullable=False),
    Column("holder_name", LargeBinary),
    Column("issued_by", LargeBinary),
    Column("issued_on", LargeBinary),
    Column("expires_on", Date),
    Column("file_path", LargeBinary),
    Column("file_name", LargeBinary),
    Column("object_id", Text),
    Column("media_type", Text),
    Column("file_size", BigInteger),
    _now("uploaded_at"),
    UniqueConstraint("object_id"),
    CheckConstraint(
        "(object_id IS NULL) = (media_type IS NULL) AND (object_id IS NULL) = (file_size IS NULL)",
        name="file",
    ),
    Index("ix_documents_user_id_id", "user_id", "id"),
    Index("ix_documents_expires_on_id", "expires_on", "id"),
    schema=_SCHEMA,
)

loose_objects = Table(
    "loose_objects",
    CityBase.metadata,
    Column("object_id", Text, primary_key=True),
    _now("since"),
    Index("ix_loose_objects_since", "since"),
    schema=_SCHEMA,
)

document_shares = Table(
    "document_shares",
    CityBase.metadata,
    Column("id", UUID, primary_key=True),
    Column("document_id", BigInteger, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("token_hash", LargeBinary, nullable=False),
    Column("fields", ARRAY(Text), nullable=False),
    Column("single_use", Boolean, nullable=False),
    _now("created_at"),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    _moment("used_at"),
    _moment("revoked_at"),
    Column("file_token_hash", LargeBinary),
    _moment("file_until"),
    UniqueConstraint("token_hash"),
    UniqueConstraint("file_token_hash"),
    Index("ix_document_shares_document_id", "document_id"),
    Index("ix_document_shares_user_id", "user_id"),
    Index("ix_document_shares_expires_at", "expires_at"),
    schema=_SCHEMA,
)

document_share_views = Table(
    "document_share_views",
    CityBase.metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column(
        "share_id",
        UUID,
        ForeignKey("wallet.document_shares.id", ondelete="CASCADE"),
        nullable=False,
    ),
    _now("at"),
    Column("what", Text, nullable=False),
    Column("address", Text),
    Column("user_agent", Text),
    CheckConstraint("what IN ('fields', 'file')", name="what"),
    Index("ix_document_share_views_share_id", "share_id"),
    schema=_SCHEMA,
)

document_reminders = Table(
    "document_reminders",
    CityBase.metadata,
    Column(
        "document_id",
        BigInteger,
        ForeignKey("wallet.documents.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("expires_on", Date, primary_key=True),
    Column("days_before", Integer, primary_key=True, autoincrement=False),
    _now("claimed_at"),
    _moment("sent_at"),
    schema=_SCHEMA,
)

"""Tables of the knowledge base."""

from sqlalchemy import (
    ARRAY,
    JSON,
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
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from praca.platform.database.models import CityBase

__all__ = ["article_versions", "articles", "knowledge"]

_NOW = text("now()")
_EMPTY = text("''")
_NONE = text("'{}'")

articles = Table(
    "articles",
    CityBase.metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False, server_default=_EMPTY),
    Column("brief", Text, nullable=False, server_default=_EMPTY),
    Column("body", Text, nullable=False, server_default=_EMPTY),
    Column("steps", Text, nullable=False, server_default=_EMPTY),
    Column("more", Text, nullable=False, server_default=_EMPTY),
    Column("cost", Text, nullable=False, server_default=_EMPTY),
    Column("deadline", Text, nullable=False, server_default=_EMPTY),
    Column("agency", Text, nullable=False, server_default=_EMPTY),
    Column("category", ARRAY(Text), nullable=False, server_default=_NONE),
    Column("links", ARRAY(Text), nullable=False, server_default=_NONE),
    Column("keywords", ARRAY(Text), nullable=False, server_default=_NONE),
    Column("valid_from", Date),
    Column("valid_until", Date),
    Column("layout", Text, nullable=False, server_default=text("'own'")),
    Column(
        "extras",
        JSON,
        nullable=False,
        server_default=_NONE,
        comment="members of the file that are no content; of the municipal layout the record as "
        "it came",
    ),
    Column("title_search", Text, nullable=False, comment="lower case, without accents"),
    Column(
        "category_search",
        ARRAY(Text),
        nullable=False,
        server_default=_NONE,
        comment="lower case, without accents",
    ),
    Column("search", Text, nullable=False, comment="all its texts, lower case, without accents"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=_NOW),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=_NOW),
    Column("deleted_at", DateTime(timezone=True)),
    CheckConstraint("version > 0", name="version"),
    CheckConstraint("valid_from <= valid_until", name="period"),
    CheckConstraint("layout IN ('own', 'municipal')", name="layout"),
    Index(
        "ix_articles_valid_from",
        "valid_from",
        postgresql_where=text("valid_from IS NOT NULL AND deleted_at IS NULL"),
    ),
    Index(
        "ix_articles_valid_until",
        "valid_until",
        postgresql_where=text("valid_until IS NOT NULL AND deleted_at IS NULL"),
    ),
    schema="helpdesk",
)

article_versions = Table(
    "article_versions",
    CityBase.metadata,
    Column("article_id", BigInteger, ForeignKey(articles.c.id), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("action", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=_NOW),
    Column("actor_id", BigInteger, comment="account that wrote it; null: nobody's"),
    Column("content", JSONB, nullable=False),
    CheckConstraint("action IN ('criado', 'alterado', 'removido', 'restaurado')", name="action"),
    schema="helpdesk",
)

knowledge = Table(
    "knowledge",
    CityBase.metadata,
    Column("id", Boolean, primary_key=True, server_default=text("true")),
    Column("revision", BigInteger, nullable=False, comment="grows with every change of an article"),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=_NOW),
    CheckConstraint("id", name="one_row"),
    schema="helpdesk",
)

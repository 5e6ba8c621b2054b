"""Tables of the scraper: its crawls, and the frontier that survives whatever reads it."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from praca.platform.database.models import CityBase

__all__ = ["crawls", "pages"]

_NOW = text("now()")
_ZERO = text("0")
_NONE = text("'{}'")

crawls = Table(
    "crawls",
    CityBase.metadata,
    Column("id", Uuid, primary_key=True, comment="that of its task"),
    Column("shop", Text, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'running'")),
    Column("started_at", DateTime(timezone=True), nullable=False, server_default=_NOW),
    Column("finished_at", DateTime(timezone=True)),
    Column(
        "paused_until",
        DateTime(timezone=True),
        comment="the shop asked to be left alone until then",
    ),
    Column("known", Integer, nullable=False, server_default=_ZERO, comment="pages found so far"),
    Column(
        "settled",
        Integer,
        nullable=False,
        server_default=_ZERO,
        comment="pages that need no further look",
    ),
    Column(
        "starts",
        Integer,
        nullable=False,
        server_default=_ZERO,
        comment="how often it was taken up since a page was last settled",
    ),
    Column("bytes", BigInteger, nullable=False, server_default=_ZERO),
    Column("new", Integer, nullable=False, server_default=_ZERO),
    Column("changed", Integer, nullable=False, server_default=_ZERO),
    Column(
        "is_clipped",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="there were more pages than it may read",
    ),
    Column("notes", ARRAY(Text), nullable=False, server_default=_NONE),
    Column("result", JSONB),
    Column("error", Text),
    CheckConstraint("state IN ('running', 'succeeded', 'failed', 'cancelled')", name="state"),
    schema="library",
)

pages = Table(
    "pages",
    CityBase.metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("shop", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'discovered'")),
    Column(
        "crawl_id",
        Uuid,
        ForeignKey(crawls.c.id),
        nullable=False,
        comment="the crawl that found it last",
    ),
    Column("tries", Integer, nullable=False, server_default=_ZERO),
    Column("not_before", DateTime(timezone=True), comment="not asked for again before then"),
    Column("lease_owner", Uuid),
    Column("lease_until", DateTime(timezone=True)),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("content_hash", LargeBinary),
    Column("parser_version", Integer),
    Column(
        "links",
        ARRAY(Text),
        nullable=False,
        server_default=_NONE,
        comment="of a listing: the paths of its books",
    ),
    Column("next_path", Text, comment="of a listing: the one after it"),
    Column("upc", Text),
    Column("status", Integer),
    Column("error", Text),
    Column("field", Text, comment="what could not be read of it, until it can"),
    Column("reason", Text),
    Column("discovered_at", DateTime(timezone=True), nullable=False, server_default=_NOW),
    Column("settled_at", DateTime(timezone=True)),
    UniqueConstraint("shop", "path"),
    CheckConstraint("kind IN ('listing', 'book')", name="kind"),
    CheckConstraint(
        "state IN ('discovered', 'in_flight', 'done', 'failed', 'quarantined')", name="state"
    ),
    CheckConstraint(
        "(state = 'in_flight') = (lease_owner IS NOT NULL)"
        " AND (lease_owner IS NULL) = (lease_until IS NULL)",
        name="lease",
    ),
    Index(
        "ix_pages_due",
        "crawl_id",
        text("kind DESC"),
        "id",
        postgresql_where=text("state IN ('discovered', 'in_flight')"),
    ),
    Index("ix_pages_upc", "upc"),
    Index("ix_pages_quarantine", "settled_at", postgresql_where=text("field IS NOT NULL")),
    schema="library",
)

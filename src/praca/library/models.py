"""Tables of the catalogue."""

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
    SmallInteger,
    Table,
    Text,
    text,
)

from praca.platform.database.models import CityBase

__all__ = ["book_prices", "books", "catalogue"]

_NOW = text("now()")

books = Table(
    "books",
    CityBase.metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("upc", Text, nullable=False, unique=True),
    Column("url", Text, nullable=False),
    Column("titulo", Text, nullable=False),
    Column("preco_centavos", BigInteger, nullable=False),
    Column("moeda", Text, nullable=False),
    Column("rating", SmallInteger, nullable=False),
    Column("disponibilidade", Boolean, nullable=False),
    Column("estoque", Integer, nullable=False),
    Column("categoria", Text, nullable=False),
    Column("imagem", Text, nullable=False),
    Column("descricao", Text, nullable=False, server_default=text("''")),
    Column("titulo_busca", Text, nullable=False, comment="lower case, without accents"),
    Column("categoria_busca", Text, nullable=False, comment="lower case, without accents"),
    Column("first_seen_at", DateTime(timezone=True), nullable=False, server_default=_NOW),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=_NOW),
    Column("absent_since", DateTime(timezone=True), comment="since when the shop lacks it"),
    CheckConstraint("preco_centavos >= 0", name="preco_centavos"),
    CheckConstraint("moeda ~ '^[A-Z]{3}$'", name="moeda"),
    CheckConstraint("rating BETWEEN 0 AND 5", name="rating"),
    CheckConstraint("estoque >= 0", name="estoque"),
    Index("ix_books_url", "url"),
    schema="library",
)

book_prices = Table(
    "book_prices",
    CityBase.metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("book_id", BigInteger, ForeignKey(books.c.id, ondelete="CASCADE"), nullable=False),
    Column("observed_at", DateTime(timezone=True), nullable=False, server_default=_NOW),
    Column("preco_centavos", BigInteger, nullable=False),
    Column("moeda", Text, nullable=False),
    Column("disponibilidade", Boolean, nullable=False),
    Column("estoque", Integer, nullable=False),
    Index("ix_book_prices_book_id_observed_at", "book_id", "observed_at"),
    schema="library",
)

catalogue = Table(
    "catalogue",
    CityBase.metadata,
    Column("id", Boolean, primary_key=True, server_default=text("true")),
    Column("revision", BigInteger, nullable=False, comment="grows with every change of a book"),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=_NOW),
    CheckConstraint("id", name="one_row"),
    schema="library",
)

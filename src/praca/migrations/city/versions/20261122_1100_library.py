"""The catalogue of books: what the shop says now, and what it said before of price and stock."""

from praca.migrations.environment import run_script

revision = "0011_library"
down_revision = "0010_erasure"
branch_labels = None
depends_on = None

_UP = """
CREATE SCHEMA IF NOT EXISTS library;
CREATE TABLE library.books (
    id bigint GENERATED ALWAYS AS IDENTITY,
    upc text NOT NULL,
    url text NOT NULL,
    titulo text NOT NULL,
    preco_centavos bigint NOT NULL,
    moeda text NOT NULL,
    rating smallint NOT NULL,
    disponibilidade boolean NOT NULL,
    estoque integer NOT NULL,
    categoria text NOT NULL,
    imagem text NOT NULL,
    descricao text NOT NULL DEFAULT '',
    titulo_busca text NOT NULL,
    categoria_busca text NOT NULL,
    first_seen_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    absent_since timestamptz,
    CONSTRAINT pk_books PRIMARY KEY (id),
    CONSTRAINT uq_books_upc UNIQUE (upc),
    CONSTRAINT ck_books_preco_centavos CHECK (preco_centavos >= 0),
    CONSTRAINT ck_books_moeda CHECK (moeda ~ '^[A-Z]{3}$'),
    CONSTRAINT ck_books_rating CHECK (rating BETWEEN 0 AND 5),
    CONSTRAINT ck_books_estoque CHECK (estoque >= 0)
);
COMMENT ON COLUMN library.books.titulo_busca IS 'lower case, without accents';
COMMENT ON COLUMN library.books.categoria_busca IS 'lower case, without accents';
COMMENT ON COLUMN library.books.absent_since IS 'since when the shop lacks it';
CREATE INDEX ix_books_url ON library.books (url);
CREATE TABLE library.book_prices (
    id bigint GENERATED ALWAYS AS IDENTITY,
    book_id bigint NOT NULL,
    observed_at timestamptz NOT NULL DEFAULT now(),
    preco_centavos bigint NOT NULL,
    moeda text NOT NULL,
    disponibilidade boolean NOT NULL,
    estoque integer NOT NULL,
    CONSTRAINT pk_book_prices PRIMARY KEY (id),
    CONSTRAINT fk_book_prices_book_id_books
        FOREIGN KEY (book_id) REFERENCES library.books (id) ON DELETE CASCADE
);
CREATE INDEX ix_book_prices_book_id_observed_at
    ON library.book_prices (book_id, observed_at);
CREATE TABLE library.catalogue (
    id boolean NOT NULL DEFAULT true,
    revision bigint NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_catalogue PRIMARY KEY (id),
    CONSTRAINT ck_catalogue_one_row CHECK (id)
);
COMMENT ON COLUMN library.catalogue.revision IS 'grows with every change of a book';
"""

_DOWN = """
DROP TABLE library.catalogue;
DROP TABLE library.book_prices;
DROP TABLE library.books;
"""


def upgrade() -> None:
    run_script(_UP)


def downgrade() -> None:
    run_script(_DOWN)

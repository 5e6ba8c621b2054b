"""Books put into the catalogue by SQL, as a crawl would leave them."""

from collections.abc import Iterable
from typing import Any

import psycopg

from praca.kit.text import fold
from praca.library.records import ScrapedBook

__all__ = ["add_books", "bump_revision", "make_book", "mark_absent"]

_CATEGORIES = ("Ficção", "Poesia", "Romance", "Travel")
_BOOK = """
    INSERT INTO library.books
        (upc, url, titulo, preco_centavos, moeda, rating, disponibilidade, estoque, categoria,
         imagem, descricao, titulo_busca, categoria_busca)
    VALUES
        (%(upc)s, %(url)s, %(titulo)s, %(preco_centavos)s, %(moeda)s, %(rating)s,
         %(disponibilidade)s, %(estoque)s, %(categoria)s, %(imagem)s, %(descricao)s,
         %(titulo_busca)s, %(categoria_busca)s)
    RETURNING id
"""
_PRICE = """
    INSERT INTO library.book_prices (book_id, preco_centavos, moeda, disponibilidade, estoque)
    SELECT id, preco_centavos, moeda, disponibilidade, estoque
    FROM library.books WHERE id = ANY(%s) ORDER BY id
"""
_REVISION = """
    INSERT INTO library.catalogue (revision) VALUES (1)
    ON CONFLICT (id) DO UPDATE SET revision = catalogue.revision + 1, changed_at = now()
"""


def make_book(number: int = 1, **changes: Any) -> ScrapedBook:
    """Return the book of that number: always the same one, unless ``changes`` say otherwise."""
    values: dict[str, Any] = {
        "upc": f"{number:016x}",
        "url": f"https://loja.example/livro_{number}/index.html",
        "titulo": f"Livro {number}",
        "preco_centavos": 1000 + 7 * number % 5000,
        "moeda": "GBP",
        "rating": 1 + number % 5,
        "disponibilidade": True,
        "estoque": 1 + number % 20,
        "categoria": _CATEGORIES[number % len(_CATEGORIES)],
        "imagem": f"https://loja.example/media/{number}.jpg",
        "descricao": f"Uma descrição do livro de número {number}.",
    }
    return ScrapedBook(**values | changes)


def add_books(dsn: str, books: int | Iterable[ScrapedBook]) -> list[int]:
    """Add so many made books, or these, in one transaction; return their ids."""
    chosen = map(make_book, range(1, books + 1)) if isinstance(books, int) else books
    ids = []
    with psycopg.connect(dsn) as connection:
        for book in chosen:
            values = {name: getattr(book, name) for name in ScrapedBook.__slots__} | {
                "titulo_busca": fold(book.titulo),
                "categoria_busca": fold(book.categoria),
            }
            row = connection.execute(_BOOK, values).fetchone()
            assert row is not None
            ids.append(row[0])
        connection.execute(_PRICE, [ids])
        connection.execute(_REVISION)
    return ids


def mark_absent(dsn: str, *ids: int) -> None:
    """Take books out of the shop."""
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "UPDATE library.books SET absent_since = now() WHERE id = ANY(%s)", [list(ids)]
        )
        connection.execute(_REVISION)


def bump_revision(dsn: str) -> None:
    """Say that something of the catalogue has changed."""
    with psycopg.connect(dsn) as connection:
        connection.execute(_REVISION)

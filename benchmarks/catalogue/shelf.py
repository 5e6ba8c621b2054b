"""Books to load: the 1,000 of the real shop where they are, else generated ones."""

import csv
import os
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import psycopg

from praca.kit.text import fold
from praca.library.records import ScrapedBook

__all__ = ["fill", "read_books", "touch"]

_REAL = Path(os.environ.get("PRACA_REAL_DATA", Path(__file__).parents[3] / "shared/data"))
_WORDS: Final = (
    *("amor", "barco", "casa", "chuva", "cidade", "dia", "estrada", "festa", "guerra", "jardim"),
    *("livro", "mar", "noite", "outono", "rio", "rua", "segredo", "serra", "sombra", "viagem"),
)
_COLUMNS = (*ScrapedBook.__slots__, "titulo_busca", "categoria_busca")
_REVISION = """
    INSERT INTO library.catalogue (revision) VALUES (1)
    ON CONFLICT (id) DO UPDATE SET revision = catalogue.revision + 1, changed_at = now()
"""


def read_books() -> tuple[str, list[ScrapedBook]]:
    """Return what books these are, and the books."""
    path = _REAL / "books" / "books.csv"
    if path.is_file():
        with path.open(encoding="utf-8", newline="") as source:
            return "the real shop's books", [_real(row) for row in csv.DictReader(source)]
    generator = random.Random(1)  # noqa: S311  # always the same ones
    return f"generated books ({path} is absent)", [_made(n, generator) for n in range(1000)]


def _real(row: dict[str, str]) -> ScrapedBook:
    return ScrapedBook(
        upc=f"{int(row['id']):016x}",
        url=row["url"],
        titulo=row["title"],
        preco_centavos=round(float(row["price_gbp"]) * 100),
        moeda="GBP",
        rating=int(row["rating"]),
        disponibilidade=row["in_stock"] == "True",
        estoque=int(row["stock"]),
        categoria=row["category"],
        imagem=row["image_url"],
        descricao=row["description"],
    )


def _made(number: int, generator: random.Random) -> ScrapedBook:
    def text(words: int) -> str:
        return " ".join(generator.choices(_WORDS, k=words)).capitalize()

    return ScrapedBook(
        upc=f"{number:016x}",
        url=f"https://loja.example/catalogue/livro_{number}/index.html",
        titulo=f"{text(3)} {number}",
        preco_centavos=generator.randrange(1000, 6000),
        moeda="GBP",
        rating=generator.randrange(1, 6),
        disponibilidade=True,
        estoque=generator.randrange(1, 23),
        categoria=generator.choice(_WORDS).capitalize(),
        imagem=f"https://loja.example/media/cache/{number:032x}.jpg",
        descricao=f"{text(150)}.",
    )


def fill(dsn: str, books: Sequence[ScrapedBook]) -> None:
    """Put the books into the catalogue, with their first prices."""
    statement = (
        f"INSERT INTO library.books ({', '.join(_COLUMNS)})"
        f" VALUES ({', '.join(f'%({name})s' for name in _COLUMNS)})"
    )
    with psycopg.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.executemany(
            statement,
            [
                {name: getattr(book, name) for name in ScrapedBook.__slots__}
                | {"titulo_busca": fold(book.titulo), "categoria_busca": fold(book.categoria)}
                for book in books
            ],
        )
        cursor.execute(
            "INSERT INTO library.book_prices"
            " (book_id, preco_centavos, moeda, disponibilidade, estoque)"
            " SELECT id, preco_centavos, moeda, disponibilidade, estoque FROM library.books"
        )
        cursor.execute(_REVISION)


def touch(connection: "psycopg.Connection[object]") -> None:
    """Change a price, as a crawl would."""
    with connection.transaction():
        connection.execute(
            "UPDATE library.books SET preco_centavos = preco_centavos + 1, changed_at = now()"
            " WHERE id = (SELECT min(id) FROM library.books)"
        )
        connection.execute(_REVISION)

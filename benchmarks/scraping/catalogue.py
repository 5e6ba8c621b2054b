"""Whether the books that somebody gathered are those that the shop sells."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson
import psycopg
from psycopg.rows import dict_row

from praca.kit.text import squeeze
from praca.library.bookshop import ShopBook
from praca.library.records import ScrapedBook

__all__ = ["differences", "expected", "from_database", "from_json_lines"]

Rows = dict[str, dict[str, Any]]
_FIELDS = tuple(ScrapedBook.__dataclass_fields__)


def expected(books: Sequence[ShopBook], url: str) -> Rows:
    """Return what a crawl of the shop at ``url`` must find, by the books' UPC."""
    return {book.upc: asdict(_scraped(book, url.rstrip("/"))) for book in books}


def _scraped(book: ShopBook, url: str) -> ScrapedBook:
    return ScrapedBook(
        upc=book.upc,
        url=f"{url}/{book.path}",
        titulo=squeeze(book.titulo),
        preco_centavos=book.preco_centavos,
        moeda=book.moeda,
        rating=book.rating,
        disponibilidade=book.estoque > 0,
        estoque=book.estoque,
        categoria=book.categoria,
        imagem=f"{url}/{book.image_path}",
        descricao=squeeze(book.descricao),
    )


def from_database(address: str) -> Rows:
    """Return the books of the catalogue that the shop still has."""
    with psycopg.connect(address, row_factory=dict_row) as connection:
        rows = connection.execute(
            f"SELECT {', '.join(_FIELDS)} FROM library.books WHERE absent_since IS NULL".encode()
        )
        return _by_upc(rows)


def from_json_lines(path: Path) -> Rows:
    """Return the books of a file with one JSON object a line."""
    return _by_upc(orjson.loads(line) for line in path.read_bytes().splitlines())


def _by_upc(rows: Iterable[dict[str, Any]]) -> Rows:
    books: Rows = {}
    for row in rows:
        if row["upc"] in books:
            raise ValueError(f"{row['upc']} is there twice")
        books[row["upc"]] = row
    return books


def differences(found: Rows, wanted: Rows) -> list[str]:
    """Return a sentence for each book that is lost, made up, or different in a field."""
    lost = [f"{upc} is lost" for upc in sorted(wanted.keys() - found.keys())]
    extra = [f"{upc} is not the shop's" for upc in sorted(found.keys() - wanted.keys())]
    changed = [
        f"{upc}: {field} is {found[upc][field]!r} instead of {wanted[upc][field]!r}"
        for upc in sorted(found.keys() & wanted.keys())
        for field in _FIELDS
        if found[upc][field] != wanted[upc][field]
    ]
    return lost + extra + changed

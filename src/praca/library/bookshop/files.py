"""Books of a file: a shop of any other books, for tests and benchmarks."""

import csv
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from praca.library.bookshop.books import ShopBook

__all__ = ["read_books"]


def read_books(path: Path) -> tuple[ShopBook, ...]:
    """Return the books of a CSV file, in its order.

    Its columns: ``slug`` (with the number, ``soumission_998``), ``title``, ``price_gbp``,
    ``rating``, ``stock``, ``category``, ``image_url``, ``description``. It has no product codes;
    they are made from the slugs.
    """
    with path.open(encoding="utf-8", newline="") as lines:
        return tuple(_book(row) for row in csv.DictReader(lines))


def _book(row: dict[str, str]) -> ShopBook:
    slug, number = row["slug"].rsplit("_", 1)
    return ShopBook(
        number=int(number),
        upc=sha256(row["slug"].encode()).hexdigest()[:16],
        titulo=row["title"],
        preco_centavos=round(float(row["price_gbp"]) * 100),
        moeda="GBP",
        rating=int(row["rating"]),
        estoque=int(row["stock"]),
        categoria=row["category"],
        descricao=row["description"],
        slug=slug,
        image_path=urlsplit(row["image_url"]).path.lstrip("/"),
    )

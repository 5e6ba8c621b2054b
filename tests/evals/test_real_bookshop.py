"""All 1,000 books of the real sandbox: rendered in its mark-up, crawled, compared by field."""

import csv
import os
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.rows import dict_row
from tests.integration.library_scraper.world import quick, served

from praca.entrypoints.kinds import TASK_KINDS
from praca.library.bookshop import Bookshop, read_books
from praca.library.scraper.tasks import scrape
from praca.platform.resources import open_resources
from praca.platform.settings import Settings
from praca.platform.tasks import TaskContext

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
FILE = Path(os.environ.get("PRACA_REAL_DATA", SHARED)) / "books" / "books.csv"
REAL_SHOP = "https://books.toscrape.com"

pytestmark = pytest.mark.skipif(
    not FILE.is_file(), reason=f"the real books are not in {FILE.parent} (set PRACA_REAL_DATA)"
)


def written(url: str) -> dict[str, dict[str, Any]]:
    """What the file says of each book, by its address at the shop ``url``."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return {
        row["url"].replace(REAL_SHOP, url): {
            "titulo": " ".join(row["title"].split()),
            "preco_centavos": int(Decimal(row["price_gbp"]) * 100),
            "moeda": "GBP",
            "rating": int(row["rating"]),
            "disponibilidade": row["in_stock"] == "True",
            "estoque": int(row["stock"]),
            "categoria": row["category"],
            "imagem": row["image_url"].replace(REAL_SHOP, url),
            "descricao": " ".join(row["description"].split()),
        }
        for row in rows
    }


def gathered(dsn: str) -> dict[str, dict[str, Any]]:
    """What the catalogue says of each book, by its address."""
    with psycopg.connect(dsn, row_factory=dict_row) as connection:
        rows = connection.execute(
            "SELECT url, titulo, preco_centavos, moeda, rating, disponibilidade, estoque,"
            " categoria, imagem, descricao FROM library.books WHERE absent_since IS NULL"
        ).fetchall()
    assert len({row["url"] for row in rows}) == len(rows)
    return {row.pop("url"): row for row in rows}


async def test_every_field_of_every_real_book_is_gathered(
    settings: Settings, city_dsn: str
) -> None:
    shop = Bookshop(read_books(FILE))
    async with served(shop) as url:
        own = quick(settings, bookshop_url=url, scrape_concurrency=8)
        resources = open_resources(own, city_dsn, TASK_KINDS)
        try:
            result = await scrape(TaskContext(uuid4(), resources), {"shop": url})
        finally:
            await resources.close()
    found, wanted = gathered(city_dsn), written(url)
    assert len(wanted) == 1000
    assert found.keys() == wanted.keys()
    differing = {url for url, book in wanted.items() if found[url] != book}
    assert not differing
    assert (result["total_encontrado"], result["novos"], result["quarentena"]) == (1000, 1000, 0)
    assert result["paginas"] == 1050

"""Writing books into the catalogue, whoever found them."""

import asyncio
import dataclasses
import random
import string
from typing import Any

import psycopg

from praca.library.records import ScrapedBook
from praca.library.storing import Saved, mark_absent, mark_present, save_books, unstorable
from praca.platform.resources import Resources

ANA = ScrapedBook(
    upc="a1", url="http://loja/a", titulo="Ação", preco_centavos=1990, moeda="BRL", rating=5,
    disponibilidade=True, estoque=3, categoria="Ficção", imagem="", descricao="De 1890.",
)  # fmt: skip
BIA = dataclasses.replace(ANA, upc="b2", titulo="Bia")


def rows(resources: Resources, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(resources.databases.city.dsn) as connection:
        return connection.execute(query.encode()).fetchall()


async def save(resources: Resources, *books: ScrapedBook) -> Saved:
    async with resources.databases.city.write() as session:
        return await save_books(session, books)


def revision(resources: Resources) -> int:
    return int(rows(resources, "SELECT revision FROM library.catalogue")[0][0])


async def test_books_are_new_then_unchanged_then_changed(resources: Resources) -> None:
    assert await save(resources) == Saved(0, 0, 0)
    assert await save(resources, ANA, BIA) == Saved(2, 0, 0)
    first = revision(resources)
    assert await save(resources, ANA, BIA) == Saved(0, 0, 2)
    assert revision(resources) == first
    renamed = dataclasses.replace(ANA, titulo="Coração")
    assert await save(resources, renamed, BIA) == Saved(0, 1, 1)
    assert revision(resources) == first + 1
    assert rows(
        resources, "SELECT upc, titulo_busca, categoria_busca FROM library.books ORDER BY upc"
    ) == [("a1", "coracao", "ficcao"), ("b2", "bia", "ficcao")]
    # Another title is no change of price or stock.
    assert rows(resources, "SELECT count(*) FROM library.book_prices") == [(2,)]


async def test_each_of_price_currency_stock_and_availability_is_history(
    resources: Resources,
) -> None:
    await save(resources, ANA)
    changes: list[dict[str, Any]] = [
        {"preco_centavos": 2000}, {"moeda": "GBP"}, {"estoque": 4}, {"disponibilidade": False},
    ]  # fmt: skip
    book = ANA
    for change in changes:
        book = dataclasses.replace(book, **change)
        await save(resources, book)
    history = rows(
        resources,
        "SELECT preco_centavos, moeda, estoque, disponibilidade FROM library.book_prices"
        " ORDER BY observed_at",
    )
    assert history == [
        (1990, "BRL", 3, True),
        (2000, "BRL", 3, True),
        (2000, "GBP", 3, True),
        (2000, "GBP", 4, True),
        (2000, "GBP", 4, False),
    ]


async def test_the_longest_address_fits_its_index(resources: Resources) -> None:
    chance = random.Random(2026)  # noqa: S311  # what does not repeat is not compressed
    path = "".join(chance.choices(string.ascii_letters + string.digits, k=1988))
    longest = dataclasses.replace(ANA, url=f"http://loja/{path}")
    assert len(longest.url) == 2000
    assert unstorable(longest) is None
    assert await save(resources, longest) == Saved(1, 0, 0)


async def test_of_two_with_one_upc_the_last_counts(resources: Resources) -> None:
    later = dataclasses.replace(ANA, preco_centavos=5)
    assert await save(resources, ANA, later) == Saved(1, 0, 0)
    assert rows(resources, "SELECT preco_centavos FROM library.book_prices") == [(5,)]


async def test_absent_books_are_marked_once_and_come_back(resources: Resources) -> None:
    await save(resources, ANA, BIA)
    first = revision(resources)
    async with resources.databases.city.write() as session:
        assert await mark_absent(session, ["a1", "b2", "c3"]) == 2
        assert await mark_absent(session, ["a1"]) == 0
        assert await mark_absent(session, []) == 0
    assert revision(resources) == first + 1
    async with resources.databases.city.write() as session:
        assert await mark_present(session, ["b2"]) == 1
    assert await save(resources, ANA, BIA) == Saved(0, 1, 1)
    assert rows(resources, "SELECT count(*) FROM library.books WHERE absent_since IS NULL") == [
        (2,)
    ]
    assert revision(resources) == first + 3
    assert rows(resources, "SELECT count(*) FROM library.book_prices") == [(2,)]


async def test_many_writers_at_once_leave_one_book_and_a_history_in_order(
    resources: Resources,
) -> None:
    prices = [dataclasses.replace(ANA, preco_centavos=price) for price in range(1, 9)]
    mixed = [(book, BIA) if number % 2 else (BIA, book) for number, book in enumerate(prices)]
    saved = await asyncio.gather(*(save(resources, *books) for books in mixed))
    assert sum(one.changed + one.new for one in saved) == 9
    now = rows(resources, "SELECT preco_centavos FROM library.books WHERE upc = 'a1'")
    history = rows(
        resources,
        "SELECT p.preco_centavos FROM library.book_prices p JOIN library.books b"
        " ON b.id = p.book_id WHERE b.upc = 'a1' ORDER BY p.observed_at",
    )
    assert sorted(history) == [(price,) for price in range(1, 9)]
    assert history[-1:] == now

"""Crawls of a shop that is as it was, that has changed, and that loses books."""

from typing import Any
from uuid import uuid4

from tests.integration.library_scraper.world import BOOKS, World

from praca.library.bookshop import ShopBook

HISTORY = (
    "SELECT p.preco_centavos, p.estoque, p.disponibilidade FROM library.book_prices p"
    " JOIN library.books b ON b.id = p.book_id WHERE b.upc = %s ORDER BY observed_at"
)
ABSENT = "SELECT upc FROM library.books WHERE absent_since IS NOT NULL ORDER BY upc"
REVISION = "SELECT revision FROM library.catalogue"
PAGES = BOOKS + BOOKS // 20


async def stored(world: World) -> dict[str, tuple[object, ...]]:
    rows = await world.sql(
        "SELECT upc, url, titulo, preco_centavos, moeda, rating, estoque, disponibilidade,"
        " categoria, descricao FROM library.books WHERE absent_since IS NULL"
    )
    return {row[0]: row[1:] for row in rows}


def offered(world: World) -> dict[str, tuple[object, ...]]:
    return {book.upc: _row(world, book) for book in world.shop.books}


def _row(world: World, book: ShopBook) -> tuple[object, ...]:
    return (
        f"{world.url}/{book.path}", book.titulo, book.preco_centavos, book.moeda, book.rating,
        book.estoque, book.estoque > 0, book.categoria, book.descricao,
    )  # fmt: skip


def asked(world: World) -> list[int]:
    """Return the statuses of the pages' requests since the last call."""
    found = [one.status for one in world.shop.asked if one.path != "robots.txt"]
    world.shop.asked.clear()
    return found


def counts(result: dict[str, Any]) -> tuple[int, ...]:
    names = ("total_encontrado", "novos", "alterados", "inalterados", "ausentes")
    return tuple(result[name] for name in names)


async def test_a_crawl_stores_the_whole_shop(world: World) -> None:
    result = await world.crawl()
    assert await stored(world) == offered(world)
    assert counts(result) == (BOOKS, BOOKS, 0, 0, 0)
    assert (result["paginas"], result["falhas"], result["quarentena"]) == (PAGES, 0, 0)
    assert result["avisos"] == []
    assert asked(world) == [200] * PAGES
    assert result["bytes"] > sum(len(world.shop.page(book.path)) for book in world.shop.books)
    assert await world.value("SELECT count(*) FROM library.book_prices") == BOOKS
    folded = await world.sql("SELECT titulo_busca FROM library.books WHERE titulo = 'Broquéis'")
    assert folded == [("broqueis",)]


async def test_an_unchanged_shop_costs_little_and_writes_no_book(world: World) -> None:
    first = await world.crawl()
    written = await world.sql("SELECT upc, xmin::text FROM library.books ORDER BY upc")
    revision = await world.value(REVISION)
    asked(world)
    result = await world.crawl()
    assert counts(result) == (BOOKS, 0, 0, BOOKS, 0)
    assert asked(world) == [304] * PAGES
    assert result["bytes"] < first["bytes"] / 20
    assert await world.sql("SELECT upc, xmin::text FROM library.books ORDER BY upc") == written
    assert await world.value(REVISION) == revision
    assert await world.value("SELECT count(*) FROM library.book_prices") == BOOKS


async def test_a_finished_crawl_is_not_done_again(world: World) -> None:
    run_id = uuid4()
    first = await world.crawl(run_id)
    asked(world)
    assert await world.crawl(run_id) == first
    assert asked(world) == []


async def test_changes_of_price_and_stock_are_kept(world: World) -> None:
    await world.crawl()
    dear, sold_out = world.shop.books[3], world.shop.books[41]
    world.shop.set_price(dear.number, dear.preco_centavos + 500)
    world.shop.set_stock(sold_out.number, 0)
    revision = await world.value(REVISION)
    result = await world.crawl()
    assert counts(result) == (BOOKS, 0, 2, BOOKS - 2, 0)
    assert await stored(world) == offered(world)
    prices = [(dear.preco_centavos + extra, dear.estoque, True) for extra in (0, 500)]
    assert await world.sql(HISTORY, dear.upc) == prices
    assert await world.sql(HISTORY, sold_out.upc) == [
        (sold_out.preco_centavos, sold_out.estoque, True),
        (sold_out.preco_centavos, 0, False),
    ]
    assert await world.value(REVISION) > revision


async def test_a_book_that_vanishes_is_absent_until_it_is_back(world: World) -> None:
    await world.crawl()
    lost = world.shop.books[7]
    world.shop.remove(lost.number)
    assert counts(await world.crawl()) == (BOOKS - 1, 0, 0, BOOKS - 1, 1)
    assert await world.sql(ABSENT) == [(lost.upc,)]
    since = await world.value("SELECT absent_since FROM library.books WHERE upc = %s", lost.upc)
    assert (await world.crawl())["ausentes"] == 0
    assert since == await world.value("SELECT max(absent_since) FROM library.books")
    world.shop.add(lost)
    assert counts(await world.crawl()) == (BOOKS, 0, 1, BOOKS - 1, 0)
    assert await stored(world) == offered(world)
    assert len(await world.sql(HISTORY, lost.upc)) == 1


async def test_a_listed_page_that_is_gone_makes_its_book_absent(world: World) -> None:
    await world.crawl()
    gone, missing = world.shop.books[5], world.shop.books[50]
    world.shop.refuse(1000, 410, prefix=gone.path)
    world.shop.refuse(1000, 404, prefix=missing.path)
    result = await world.crawl()
    assert (result["falhas"], result["ausentes"]) == (2, 2)
    assert await world.sql(ABSENT) == sorted([(gone.upc,), (missing.upc,)])


async def test_books_that_vanish_by_half_are_not_believed(world: World) -> None:
    await world.crawl()
    for book in world.shop.books[: BOOKS // 2 + 1]:
        world.shop.remove(book.number)
    result = await world.crawl()
    assert result["ausentes"] == 0
    lost = f"{BOOKS // 2 + 1} de {BOOKS} livros sumiram de uma vez."
    assert result["avisos"] == [f"{lost} Nenhum livro foi dado como ausente."]
    assert await world.sql(ABSENT) == []


async def test_books_of_another_shop_stay_as_they_are(world: World) -> None:
    await world.crawl()
    await world.sql("UPDATE library.books SET upc = 'x' || upc, url = 'http://other/' || id")
    result = await world.crawl()
    assert counts(result) == (BOOKS, BOOKS, 0, 0, 0)
    assert await world.value("SELECT count(*) FROM library.books") == 2 * BOOKS


async def test_an_emptied_catalogue_is_filled_again(world: World) -> None:
    await world.crawl()
    await world.sql("TRUNCATE library.books CASCADE")
    asked(world)
    assert counts(await world.crawl()) == (BOOKS, BOOKS, 0, 0, 0)
    assert await stored(world) == offered(world)
    assert sorted(asked(world)) == [200] * BOOKS + [304] * (PAGES - BOOKS)


async def test_what_an_older_parser_read_is_read_again(world: World) -> None:
    await world.crawl()
    await world.sql("UPDATE library.pages SET parser_version = 0")
    await world.sql("UPDATE library.books SET titulo = 'Lido errado'")
    asked(world)
    assert counts(await world.crawl()) == (BOOKS, 0, BOOKS, 0, 0)
    assert asked(world) == [200] * PAGES
    assert await stored(world) == offered(world)


async def test_pages_that_are_in_no_list_any_more_are_forgotten(world: World) -> None:
    await world.crawl()
    for book in world.shop.books[:20]:
        world.shop.remove(book.number)
    await world.crawl()
    assert await world.value("SELECT count(*) FROM library.pages") == 42

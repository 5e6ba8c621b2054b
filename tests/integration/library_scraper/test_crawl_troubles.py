"""Shops that are broken, busy, empty or away."""

from dataclasses import replace
from uuid import uuid4

import pytest
from tests.integration.library_scraper.world import BOOKS, World, opened, quick, served

from praca.library.bookshop import Bookshop, make_books
from praca.library.scraper.errors import ScrapeFailedError
from praca.library.scraper.fetching import Fetcher
from praca.library.scraper.pages import BOOK, ClaimedPage, Memory, Outcome
from praca.library.scraper.reading import Reader
from praca.library.scraper.shop import Shop
from praca.platform.settings import Settings

QUARANTINE = "SELECT path, state, field, reason FROM library.pages WHERE field IS NOT NULL"
ABSENT = "SELECT upc FROM library.books WHERE absent_since IS NOT NULL"
LIST = "catalogue/page-2.html"


def copies(world: World) -> list[bytes]:
    objects = world.resources.objects
    return [objects.read(key) for key in objects.keys("quarantine")]


async def titles(world: World) -> set[str]:
    rows = await world.sql("SELECT titulo FROM library.books WHERE absent_since IS NULL")
    return {row[0] for row in rows}


async def test_a_page_that_does_not_fit_is_put_aside_until_it_does(world: World) -> None:
    await world.crawl()
    book = world.shop.books[4]
    before = await world.sql("SELECT * FROM library.books WHERE upc = %s", book.upc)
    world.shop.break_layout(book.path, "price_color", "price_colour")
    result = await world.crawl()
    assert (result["quarentena"], result["total_encontrado"]) == (1, BOOKS - 1)
    assert result["ausentes"] == 0
    [(path, state, field, reason)] = await world.sql(QUARANTINE)
    assert (path, state, field) == (f"/{book.path}", "quarantined", "preco")
    assert reason
    assert await world.sql("SELECT * FROM library.books WHERE upc = %s", book.upc) == before
    assert copies(world) == [world.shop.page(book.path)]
    world.shop.mend_layout(book.path)
    world.shop.set_price(book.number, 4321)
    result = await world.crawl()
    assert (result["quarentena"], result["alterados"]) == (0, 1)
    assert await world.sql(QUARANTINE) == []
    assert copies(world) == []


async def test_it_stays_quarantined_while_its_page_cannot_be_fetched(world: World) -> None:
    book = world.shop.books[4]
    world.shop.break_layout(book.path, "price_color", "price_colour")
    await world.crawl()
    assert await titles(world) == {one.titulo for one in world.shop.books if one is not book}
    world.shop.refuse(100, 500, prefix=book.path)
    result = await world.crawl()
    assert (result["quarentena"], result["falhas"]) == (0, 1)
    [(_path, state, field, _reason)] = await world.sql(QUARANTINE)
    assert (state, field) == ("failed", "preco")
    assert len(copies(world)) == 1


async def test_a_list_that_cannot_be_read_makes_no_book_absent(world: World) -> None:
    await world.crawl()
    world.shop.remove(world.shop.books[-1].number)
    world.shop.break_layout(LIST, "product_pod", "product_box")
    result = await world.crawl()
    assert (result["quarentena"], result["ausentes"]) == (1, 0)
    # What it last said is followed: the lists after it, and its own books.
    assert result["total_encontrado"] == BOOKS - 1
    assert result["avisos"][0].startswith("Páginas de lista que não puderam ser lidas: 1.")
    assert await world.sql(ABSENT) == []
    world.shop.mend_layout(LIST)
    assert (await world.crawl())["ausentes"] == 1


async def test_two_pages_that_claim_to_be_one_book_are_not_both_believed(world: World) -> None:
    first, second = world.shop.books[0], world.shop.books[1]
    world.shop.break_layout(second.path, second.upc, first.upc)
    result = await world.crawl()
    assert (result["quarentena"], result["total_encontrado"]) == (1, BOOKS - 1)
    [(path, _state, field, reason)] = await world.sql(QUARANTINE)
    assert field == "upc"
    other = {first.path, second.path} - {path.removeprefix("/")}
    assert reason == f"é o mesmo da página /{other.pop()}"
    assert await world.value("SELECT count(*) FROM library.book_prices") == BOOKS - 1


async def test_failures_that_pass_cost_nothing(world: World) -> None:
    for status in (500, 502, 503):
        world.shop.refuse(3, status, prefix="catalogue/")
    result = await world.crawl()
    assert (result["total_encontrado"], result["falhas"]) == (BOOKS, 0)
    assert await titles(world) == {book.titulo for book in world.shop.books}


async def test_the_shop_is_left_alone_for_as_long_as_it_asks(world: World) -> None:
    world.shop.refuse(1, 429, retry_after="1", prefix=LIST)
    result = await world.crawl()
    assert (result["total_encontrado"], result["falhas"]) == (BOOKS, 0)
    refused = next(one for one in world.shop.asked if one.status == 429)
    later = [one for one in world.shop.asked if one.at_s > refused.at_s]
    # A few that were under way may still come in; the others wait until the second is over.
    assert sum(one.at_s < refused.at_s + 0.95 for one in later) <= 8
    assert later[-1].at_s >= refused.at_s + 1
    assert any(one.path == LIST and one.status == 200 for one in later)


async def test_a_shop_that_asks_for_too_long_ends_the_crawl(world: World) -> None:
    world.shop.refuse(1, 503, retry_after="86400", prefix=LIST)
    with pytest.raises(ScrapeFailedError, match="só se volte em 60 minutos"):
        await world.crawl()
    assert await world.sql("SELECT state FROM library.crawls") == [("failed",)]


async def test_a_page_that_fails_for_good_is_told_and_its_book_stays(world: World) -> None:
    await world.crawl()
    book = world.shop.books[9]
    world.shop.asked.clear()
    world.shop.refuse(1000, 500, prefix=book.path)
    result = await world.crawl()
    assert (result["falhas"], result["ausentes"], result["total_encontrado"]) == (1, 0, BOOKS - 1)
    tries = [one.status for one in world.shop.asked if one.path == book.path]
    assert tries == [500] * world.resources.settings.library.scrape_tries
    assert await titles(world) == {one.titulo for one in world.shop.books}
    failed = await world.sql("SELECT path, status FROM library.pages WHERE state = 'failed'")
    assert failed == [(f"/{book.path}", 500)]


async def test_what_robots_txt_forbids_is_not_asked_for(world: World) -> None:
    book = world.shop.books[9]
    world.shop.robots = f"User-agent: *\nDisallow: /{book.path}\n"
    result = await world.crawl()
    assert (result["falhas"], result["total_encontrado"]) == (1, BOOKS - 1)
    assert book.path not in {one.path for one in world.shop.asked}
    world.shop.robots = "User-agent: *\nDisallow: /\n"
    with pytest.raises(ScrapeFailedError, match=r"robots\.txt da loja não permite"):
        await world.crawl()


async def test_a_shop_that_is_away_is_an_error_and_changes_nothing(world: World) -> None:
    await world.crawl()
    async with served(world.shop) as left:
        pass
    for url in (left, "http://127.0.0.1:9"):
        with pytest.raises(ScrapeFailedError) as failed:
            await world.crawl(url=url)
        assert failed.value.detail.startswith(f"A loja {url} não pôde ser lida: ")
    assert await world.sql(ABSENT) == []
    run_id = uuid4()
    for _ in range(2):  # whoever takes the task up again tells the same
        with pytest.raises(ScrapeFailedError, match="não pôde ser lida"):
            await world.crawl(run_id, "http://127.0.0.1:9")


async def test_a_shop_that_does_not_answer_uses_up_no_other_pages_tries(
    settings: Settings,
) -> None:
    """All pages wait for as long as the one that was not answered; an error is that page's own."""
    shop = Bookshop(make_books(2))
    library = quick(settings).library
    page = ClaimedPage(1, BOOK, f"/{shop.books[0].path}", 0, Memory())

    async def read(url: str, page: ClaimedPage) -> Outcome:
        async with Fetcher(library) as fetcher:
            return await Reader(Shop.at(url), fetcher, tries=2, backoff_s=8).read(page)

    for tries, state in ((0, "discovered"), (1, "failed")):
        outcome = await read("http://127.0.0.1:9", replace(page, tries=tries))
        assert outcome.state == state
        assert 4 <= outcome.pause_s <= 24
    async with served(shop) as url:
        shop.refuse(1, 500, prefix="catalogue/")
        outcome = await read(url, page)
        assert (outcome.state, outcome.pause_s) == ("discovered", 0)
        shop.refuse(1, 503, prefix="robots.txt")
        outcome = await read(url, page)
        assert (outcome.state, outcome.wait_s) == ("discovered", outcome.pause_s)


async def test_an_empty_shop_is_an_error(world: World) -> None:
    async with served(Bookshop((), ["Poesia"])) as url:
        with pytest.raises(ScrapeFailedError) as failed:
            await world.crawl(url=url)
    assert failed.value.detail.startswith(f"A página inicial de {url} não tem o formato esperado")


async def test_a_shop_without_a_readable_book_is_an_error(world: World) -> None:
    for book in world.shop.books:
        world.shop.break_layout(book.path, "price_color", "price_colour")
    with pytest.raises(ScrapeFailedError) as failed:
        await world.crawl()
    assert f"{BOOKS} páginas com problema, a maioria por: preco: " in failed.value.detail


async def test_no_more_pages_are_read_than_allowed(settings: Settings, city_dsn: str) -> None:
    async with opened(settings, city_dsn, scrape_max_pages=30) as world:
        result = await world.crawl()
        assert result["paginas"] == 30
        assert result["avisos"][0].startswith("A loja tem mais páginas do que o limite")
        pages = [one for one in world.shop.asked if one.path != "robots.txt"]
        assert len(pages) == 30

"""No answer is older than its question, whatever is kept; or than is allowed by a setting."""

import asyncio
from types import SimpleNamespace

import httpx
import psycopg
import pytest
from tests.integration.library.books import add_books, bump_revision, make_book, mark_absent

from praca.entrypoints.api import create_app
from praca.entrypoints.kinds import TASK_KINDS
from praca.kit.paging import Page
from praca.library import Catalogue
from praca.platform.resources import Resources, open_resources
from praca.platform.settings import Settings

API = "/api/v1"
PATHS = (
    "/books",
    "/books/1",
    "/books/1/price-history",
    "/books/1/similar",
    "/books/search?titulo=livro",
    "/books/top-rated",
    "/books/price-range?min_preco=0&max_preco=100",
    "/categories",
    "/stats/overview",
    "/stats/categories",
)


async def bodies(client: httpx.AsyncClient) -> dict[str, bytes]:
    return {path: (await client.get(f"{API}{path}")).content for path in PATHS}


def change_everything(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "UPDATE library.books SET titulo = titulo || ' novo', categoria = categoria || '!',"
            " preco_centavos = preco_centavos + 1, rating = 5"
        )
        connection.execute(
            "INSERT INTO library.book_prices"
            " (book_id, preco_centavos, moeda, disponibilidade, estoque)"
            " SELECT id, preco_centavos, moeda, disponibilidade, estoque FROM library.books"
        )
    bump_revision(dsn)


async def test_every_answer_is_new_after_a_change(client: httpx.AsyncClient, city_dsn: str) -> None:
    add_books(city_dsn, 20)
    before = await bodies(client)
    assert await bodies(client) == before
    change_everything(city_dsn)
    after = await bodies(client)
    assert {path for path in PATHS if after[path] != before[path]} == set(PATHS)


async def test_another_process_sees_the_change_too(
    client: httpx.AsyncClient, settings: Settings, city_dsn: str
) -> None:
    add_books(city_dsn, 3)
    other = open_resources(settings, city_dsn, TASK_KINDS)
    transport = httpx.ASGITransport(app=create_app(settings, other))
    async with httpx.AsyncClient(transport=transport, base_url="http://other") as second:
        assert len((await second.get(f"{API}/books")).json()) == 3
        add_books(city_dsn, [make_book(4)])
        assert len((await second.get(f"{API}/books")).json()) == 4
        assert len((await client.get(f"{API}/books")).json()) == 4
    await other.close()


async def test_an_emptied_catalogue_that_counts_anew_is_not_taken_for_the_old_one(
    client: httpx.AsyncClient, city_dsn: str
) -> None:
    add_books(city_dsn, 3)
    assert len((await client.get(f"{API}/books")).json()) == 3
    with psycopg.connect(city_dsn) as connection:
        connection.execute("TRUNCATE library.catalogue, library.books RESTART IDENTITY CASCADE")
    assert (await client.get(f"{API}/books")).json() == []
    add_books(city_dsn, [make_book(9)])  # the revision is 1 again
    assert [book["titulo"] for book in (await client.get(f"{API}/books")).json()] == ["Livro 9"]


async def test_readers_never_see_less_than_was_committed_before_they_asked(
    resources: Resources, city_dsn: str
) -> None:
    catalogue = Catalogue(resources.databases.city)
    committed = 0
    is_done = False

    async def write() -> None:
        nonlocal committed, is_done
        for number in range(1, 31):
            await asyncio.to_thread(add_books, city_dsn, [make_book(number)])
            committed = number
        is_done = True

    async def read() -> int:
        reads = 0
        while not is_done:
            least = committed
            pages = [catalogue.list_books(Page(0, 1)), catalogue.search(Page(0, 5), "livro", None)]
            for answer in await asyncio.gather(*pages):
                assert answer.total >= least
            reads += 1
        return reads

    readers = [asyncio.create_task(read()) for _ in range(6)]
    await write()
    assert min(await asyncio.gather(*readers)) > 3


async def test_an_answer_may_be_as_old_as_the_setting_says(
    resources: Resources, city_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    clock = SimpleNamespace(monotonic=lambda: now)
    monkeypatch.setattr("praca.library.revisions.time", clock)
    catalogue = Catalogue(resources.databases.city, fresh_s=0.1)
    assert (await catalogue.list_books(Page(0, 9))).total == 0
    add_books(city_dsn, 2)
    assert (await catalogue.list_books(Page(0, 9))).total == 0
    now += 0.1
    assert (await catalogue.list_books(Page(0, 9))).total == 2


async def test_what_the_client_has_is_not_sent_again(
    client: httpx.AsyncClient, city_dsn: str
) -> None:
    (book_id,) = add_books(city_dsn, [make_book(1)])
    for path in PATHS:
        first = await client.get(f"{API}{path}")
        tag = first.headers["ETag"]
        assert first.headers["Cache-Control"] == "no-cache"
        for known in (tag, f'"other", {tag}', f"W/{tag}", "*"):
            again = await client.get(f"{API}{path}", headers={"If-None-Match": known})
            assert (again.status_code, again.content) == (304, b""), path
            assert again.headers["ETag"] == tag
            assert "Content-Type" not in again.headers
        for unknown in ('"other"', tag.strip('"'), ""):
            again = await client.get(f"{API}{path}", headers={"If-None-Match": unknown})
            assert (again.status_code, again.content) == (200, first.content), path
    tag = (await client.get(f"{API}/books/{book_id}")).headers["ETag"]
    mark_absent(city_dsn, book_id)
    gone = await client.get(f"{API}/books/{book_id}", headers={"If-None-Match": tag})
    assert gone.status_code == 200


async def test_a_list_that_is_the_same_after_a_change_keeps_its_tag(
    client: httpx.AsyncClient, city_dsn: str
) -> None:
    add_books(city_dsn, 2)
    first = await client.get(f"{API}/books?limit=2")
    add_books(city_dsn, [make_book(3)])
    headers = {"If-None-Match": first.headers["ETag"]}
    again = await client.get(f"{API}/books?limit=2", headers=headers)
    assert again.status_code == 304
    assert again.headers["X-Total-Count"] == "3"
    assert 'rel="next"' in again.headers["Link"]


async def test_a_database_that_is_gone_is_told(settings: Settings, migrated_url: str) -> None:
    gone = open_resources(settings, f"{migrated_url}&port=1", TASK_KINDS)
    transport = httpx.ASGITransport(app=create_app(settings, gone), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://gone") as client:
        for answer in await asyncio.gather(*(client.get(f"{API}{path}") for path in PATHS)):
            assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    await gone.close()

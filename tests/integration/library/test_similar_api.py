"""Similar books over HTTP: what is recommended, why, and when a new index is built."""

import asyncio
from typing import Any

import httpx
import psycopg
import pytest
from tests.integration.library.books import add_books, bump_revision, make_book, mark_absent

from praca.library import Catalogue, recommending
from praca.library.schemas import SimilarBook
from praca.library.similar import SimilarBooks
from praca.platform.resources import Resources

API = "/api/v1"
TEXTS = (
    "A captain and the whale: a voyage over the ocean, told by a sailor of the ship.",
    "How to grow roses and tulips in the garden, with tools for the soil.",
    "Sailors on ships cross the oceans; whales follow the voyages of their captains.",
    "The gardener and the growing of a rose, from soil to flower.",
    "The captain of a ship and the sailors of the ocean: whales.",
)


def shelve(dsn: str, *texts: str, start: int = 0) -> list[int]:
    return add_books(
        dsn,
        [
            make_book(start + n, titulo=f"Book {start + n}", descricao=text, categoria="Sea & soil")
            for n, text in enumerate(texts)
        ],
    )


async def similar(client: httpx.AsyncClient, book_id: int, **params: int) -> list[dict[str, Any]]:
    answer = await client.get(f"{API}/books/{book_id}/similar", params=params or None)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


async def built(recommender: recommending.Recommender) -> None:
    """Wait for the build that runs, if it has not ended yet."""
    if recommender._building is not None:
        await recommender._building


async def test_similar_books_come_with_score_and_reasons(
    client: httpx.AsyncClient, city_dsn: str
) -> None:
    ids = shelve(city_dsn, *TEXTS)
    found = await similar(client, ids[0])
    for book in found:
        SimilarBook.model_validate(book)
    assert {found[0]["id"], found[1]["id"]} == {ids[2], ids[4]}
    assert ids[0] not in [book["id"] for book in found]
    first = found[0]
    assert first["mesma_categoria"] is True
    assert "captain" in first["termos_em_comum"] or "whale" in first["termos_em_comum"]
    assert first["motivos"][0] == "Mesma categoria: Sea & soil."
    assert first["motivos"][1].startswith("Termos em comum: ")
    assert len(await similar(client, ids[0], limit=1)) == 1


@pytest.mark.parametrize("limit", [0, -1, 51, "x"])
async def test_the_number_is_bounded(client: httpx.AsyncClient, limit: object) -> None:
    answer = await client.get(f"{API}/books/1/similar", params={"limit": str(limit)})
    assert answer.status_code == 422


@pytest.mark.parametrize("book_id", [0, 999, 2**63 - 1, 10**40])
async def test_nobodys_id_is_not_found(
    client: httpx.AsyncClient, city_dsn: str, book_id: int
) -> None:
    shelve(city_dsn, *TEXTS[:2])
    await similar(client, 1)  # with an index and without
    answer = await client.get(f"{API}/books/{book_id}/similar")
    assert (answer.status_code, answer.json()["code"]) == (404, "book_not_found")


async def test_a_lone_book_is_like_no_other(client: httpx.AsyncClient, city_dsn: str) -> None:
    (book_id,) = shelve(city_dsn, TEXTS[0])
    assert await similar(client, book_id) == []


async def test_absent_books_are_never_recommended(client: httpx.AsyncClient, city_dsn: str) -> None:
    ids = shelve(city_dsn, *TEXTS)
    assert {book["id"] for book in (await similar(client, ids[0]))[:2]} == {ids[2], ids[4]}
    mark_absent(city_dsn, ids[2])  # the index still has it
    assert ids[2] not in [book["id"] for book in await similar(client, ids[0])]
    # One that is gone itself still leads on to others.
    assert ids[0] in [book["id"] for book in await similar(client, ids[2])]


async def test_a_new_book_is_found_at_once_and_recommended_soon(
    client: httpx.AsyncClient, city_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recommending, "_REST", 0)
    ids = shelve(city_dsn, *TEXTS[:4])
    await similar(client, ids[0])
    (new,) = shelve(city_dsn, TEXTS[4], start=10)
    assert {book["id"] for book in (await similar(client, new))[:2]} == {ids[0], ids[2]}
    assert new in [book["id"] for book in await similar(client, ids[0])]


async def test_after_a_change_the_old_index_answers_until_there_is_a_new_one(
    resources: Resources, city_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recommending, "_REST", 0)
    ids = shelve(city_dsn, *TEXTS[:4])
    recommender = recommending.Recommender(resources.databases.city)
    assert (await recommender.render(ids[0], 5)).is_lasting
    (new,) = shelve(city_dsn, TEXTS[4], start=10)
    old = await recommender.render(ids[0], 5)
    assert not old.is_lasting
    assert f'"id":{new},'.encode() not in old.body
    await built(recommender)
    found = await recommender.render(ids[0], 5)
    assert found.is_lasting
    assert f'"id":{new},'.encode() in found.body


async def test_only_new_texts_cost_a_new_index(
    resources: Resources, city_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = []

    def counting(books: Any) -> Any:
        sizes.append(len(books))
        return SimilarBooks(books)

    monkeypatch.setattr("praca.library.recommending.SimilarBooks", counting)
    monkeypatch.setattr(recommending, "_REST", 0)
    ids = shelve(city_dsn, *TEXTS)
    catalogue = Catalogue(resources.databases.city)
    await asyncio.gather(*(catalogue.list_similar(book_id, 3) for book_id in ids))
    assert sizes == [5]
    with psycopg.connect(city_dsn) as connection:
        connection.execute("UPDATE library.books SET preco_centavos = 4242")
    bump_revision(city_dsn)
    assert not (await catalogue.list_similar(ids[0], 3)).rendered.is_lasting
    await built(catalogue._recommender)
    answer = await catalogue.list_similar(ids[0], 3)
    assert answer.rendered.is_lasting
    assert answer.body.count(b'"preco":42.42,') == 3
    assert sizes == [5]


async def test_a_failed_build_is_tried_again(
    resources: Resources, city_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = shelve(city_dsn, *TEXTS)
    recommender = recommending.Recommender(resources.databases.city)

    def fail(_: bytes) -> Any:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(recommending, "_indexed", fail)
        with pytest.raises(MemoryError):
            await recommender.render(ids[0], 5)
    assert len((await recommender.render(ids[0], 5)).body) > 2

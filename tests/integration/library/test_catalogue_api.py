"""The catalogue's routes, each with books, without, and with what does not fit."""

import re
from typing import Any

import httpx
import psycopg
import pytest
from tests.integration.library.books import add_books, make_book, mark_absent

from praca.library.schemas import BookLine, BookRead, CatalogueFigures, PricePoint

API = "/api/v1"
LINE = {"titulo", "preco", "rating", "disponibilidade", "categoria", "imagem"}
LISTS = ("/books", "/books/search?titulo=livro", "/books/price-range?min_preco=0&max_preco=1e9")


async def read(client: httpx.AsyncClient, path: str, **params: Any) -> httpx.Response:
    answer = await client.get(f"{API}{path}", params=params or None)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/json"
    return answer


async def titles(client: httpx.AsyncClient, path: str, **params: Any) -> list[str]:
    return [book["titulo"] for book in (await read(client, path, **params)).json()]


async def problem(client: httpx.AsyncClient, path: str) -> tuple[int, str]:
    answer = await client.get(f"{API}{path}")
    assert answer.headers["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.json()["detail"]


async def test_a_book_in_the_list_has_the_old_members_and_more(
    client: httpx.AsyncClient, city_dsn: str
) -> None:
    title = 'Caçadas de "Pedrinho" \\ <b>✓</b>\n𝕏'
    (book_id,) = add_books(city_dsn, [make_book(1, titulo=title, preco_centavos=5100)])
    answer = await read(client, "/books")
    (book,) = answer.json()
    assert set(book) == LINE | {"id", "moeda", "estoque", "upc"}
    assert (book["id"], book["titulo"], book["preco"], book["moeda"]) == (
        book_id, title, 51.0, "GBP",
    )  # fmt: skip
    assert isinstance(book["preco"], float)  # also in other languages: two decimals are sent
    assert '"preco":51.00,' in answer.text
    assert book["disponibilidade"] is True
    BookLine.model_validate(book, strict=True)


async def test_an_empty_catalogue_has_no_books_and_figures_of_zero(
    client: httpx.AsyncClient,
) -> None:
    for path in (*LISTS, "/books/top-rated", "/categories"):
        assert (await read(client, path)).json() == []
    assert (await read(client, "/stats/overview")).json() == {
        "total_livros": 0,
        "preco_medio": 0.0,
        "distribuicao_ratings": dict.fromkeys("12345", 0),
    }
    assert (await read(client, "/stats/categories")).json() == {}
    assert (await read(client, "/books")).headers["X-Total-Count"] == "0"


def link_targets(answer: httpx.Response) -> dict[str, str]:
    found = re.findall(r'<([^>]+)>; rel="(\w+)"', answer.headers["Link"])
    return {name: target for target, name in found}


@pytest.mark.parametrize("path", LISTS)
async def test_links_lead_through_all_pages_once(
    client: httpx.AsyncClient, city_dsn: str, path: str
) -> None:
    ids = add_books(city_dsn, 25)
    glue = "&" if "?" in path else "?"
    answer = await read(client, f"{path}{glue}limit=10")
    seen = [book["id"] for book in answer.json()]
    assert "prev" not in link_targets(answer)
    while following := link_targets(answer).get("next"):
        answer = await client.get(following)
        seen += [book["id"] for book in answer.json()]
        assert answer.headers["X-Total-Count"] == "25"
    assert sorted(seen) == ids
    targets = link_targets(answer)
    assert (await client.get(targets["last"])).json() == answer.json()
    before = await client.get(targets["prev"])
    assert [book["id"] for book in before.json()] == seen[10:20]
    assert (await client.get(targets["first"])).json()[0]["id"] == seen[0]


async def test_skip_is_offset(client: httpx.AsyncClient, city_dsn: str) -> None:
    ids = add_books(city_dsn, 12)

    async def page(**params: int) -> list[int]:
        return [book["id"] for book in (await read(client, "/books", **params)).json()]

    assert await page() == ids
    assert await page(skip=10) == await page(offset=10) == ids[10:]
    assert await page(skip=3, offset=5, limit=2) == ids[5:7]
    assert await page(offset=12) == []
    assert await page(offset=2**63 - 1, limit=1000) == []
    beyond = await read(client, "/books", offset=1000, limit=5)
    assert link_targets(beyond)["prev"] == "/api/v1/books?limit=5&offset=10"


async def test_a_list_has_100_books_and_what_had_no_pages_1000(
    client: httpx.AsyncClient, city_dsn: str
) -> None:
    add_books(city_dsn, 1001)
    lengths = [len((await read(client, path)).json()) for path in LISTS]
    assert lengths == [100, 1000, 1000]
    assert len((await read(client, "/books", limit=1000)).json()) == 1000


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=1001", "limit=x", "offset=-1", "skip=-1", f"offset={2**63}", "limit="],
)
@pytest.mark.parametrize("path", LISTS)
async def test_pages_out_of_bounds_are_refused(
    client: httpx.AsyncClient, path: str, query: str
) -> None:
    glue = "&" if "?" in path else "?"
    assert (await problem(client, f"{path}{glue}{query}"))[0] == 422


async def test_a_whole_book(client: httpx.AsyncClient, city_dsn: str) -> None:
    expected = make_book(3, descricao="Diz 'olá'.\nE \"adeus\".")
    (book_id,) = add_books(city_dsn, [expected])
    book = (await read(client, f"/books/{book_id}")).json()
    BookRead.model_validate(book)
    assert book["descricao"] == expected.descricao
    assert (book["url"], book["upc"]) == (expected.url, expected.upc)
    assert (book["preco"], book["estoque"]) == (expected.preco_centavos / 100, expected.estoque)
    assert book["ausente_desde"] is None
    assert (await read(client, f"/books/{book_id}/")).json() == book


@pytest.mark.parametrize("path", ["{}", "{}/price-history"])
@pytest.mark.parametrize("book_id", [0, -1, 999, 2**63 - 1, 2**63, 10**40])
async def test_nobodys_id_is_not_found(client: httpx.AsyncClient, path: str, book_id: int) -> None:
    answer = await client.get(f"{API}/books/{path.format(book_id)}")
    assert (answer.status_code, answer.json()["code"]) == (404, "book_not_found")
    assert answer.json()["detail"] == "Livro não encontrado"


async def test_an_id_is_a_number(client: httpx.AsyncClient) -> None:
    for wrong in ("abc", "1.5", "9" * 5000):
        assert (await problem(client, f"/books/{wrong}"))[0] == 422


async def test_absent_books_are_only_found_by_their_id(
    client: httpx.AsyncClient, city_dsn: str
) -> None:
    gone, left = add_books(
        city_dsn,
        [make_book(1, categoria="Só dele", rating=5), make_book(2, categoria="Ficção", rating=1)],
    )
    mark_absent(city_dsn, gone)
    for path in (*LISTS, "/books/top-rated"):
        assert [book["id"] for book in (await read(client, path)).json()] == [left], path
    assert (await read(client, "/books")).headers["X-Total-Count"] == "1"
    assert (await read(client, "/categories")).json() == ["Ficção"]
    assert (await read(client, "/stats/overview")).json()["total_livros"] == 1
    assert set((await read(client, "/stats/categories")).json()) == {"Ficção"}
    book = (await read(client, f"/books/{gone}")).json()
    assert book["ausente_desde"].endswith("Z")
    assert len((await read(client, f"/books/{gone}/price-history")).json()) == 1


async def test_a_search_ignores_case_and_accents(client: httpx.AsyncClient, city_dsn: str) -> None:
    add_books(
        city_dsn,
        [
            make_book(1, titulo="Memórias Póstumas de Brás Cubas", categoria="Ficção"),
            make_book(2, titulo="memorias de um sargento", categoria="Romance"),
            make_book(3, titulo="Ação!", categoria="FICÇÃO científica"),
        ],
    )
    memories = ["Memórias Póstumas de Brás Cubas", "memorias de um sargento"]
    for word in ("memórias", "MEMORIAS", "memo\u0301rias", " emória ", "m\u0301emorias"):
        assert await titles(client, "/books/search", titulo=word) == memories, word
    assert await titles(client, "/books/search", categoria="ficcao") == [memories[0], "Ação!"]
    both = {"titulo": "memorias", "categoria": "ROMANCE"}
    assert await titles(client, "/books/search", **both) == [memories[1]]
    assert await titles(client, "/books/search", titulo="xyz") == []
    assert (await read(client, "/books/search", titulo="xyz")).headers["X-Total-Count"] == "0"


async def test_nothing_in_a_search_has_a_meaning_of_its_own(
    client: httpx.AsyncClient, city_dsn: str
) -> None:
    names = ["100% de tudo", "sub_linha", "barra \\ invertida", "aspas ' simples", "100 de nada"]
    add_books(city_dsn, [make_book(n, titulo=title) for n, title in enumerate(names)])
    for part, found in (
        ("%", names[:1]),
        ("_", names[1:2]),
        ("\\", names[2:3]),
        ("'", names[3:4]),
        ("100% de", names[:1]),
        ("1__ de", []),
        (".*", []),
        ("\0%\0", names[:1]),
    ):
        assert await titles(client, "/books/search", titulo=part) == found, part


@pytest.mark.parametrize("query", ["", "?titulo=", "?titulo=%20&categoria=", "?titulo=%00%CC%81"])
async def test_a_search_for_nothing_is_refused(client: httpx.AsyncClient, query: str) -> None:
    expected = (400, "Forneça um título ou uma categoria para a busca.")
    assert await problem(client, f"/books/search{query}") == expected


async def test_a_search_is_bounded(client: httpx.AsyncClient) -> None:
    assert (await problem(client, f"/books/search?titulo={'a' * 201}"))[0] == 422


async def test_links_of_a_search_repeat_it(client: httpx.AsyncClient, city_dsn: str) -> None:
    add_books(city_dsn, [make_book(n, titulo=f"A & B? é {n}") for n in range(3)])
    answer = await read(client, "/books/search", titulo="& b? É", limit=2)
    rest = await client.get(link_targets(answer)["next"])
    assert [book["titulo"] for book in rest.json()] == ["A & B? é 2"]


async def test_the_best_rated(client: httpx.AsyncClient, city_dsn: str) -> None:
    ids = add_books(city_dsn, [make_book(n, rating=n % 4) for n in range(20)])
    ranked = sorted(ids, key=lambda book_id: (-((book_id - ids[0]) % 4), book_id))
    for params, expected in (
        ({}, ranked[:10]),
        ({"limit": 3}, ranked[:3]),
        ({"limit": 99}, ranked),
    ):
        found = (await read(client, "/books/top-rated", **params)).json()
        assert [book["id"] for book in found] == expected
    assert (await problem(client, "/books/top-rated?limit=0"))[0] == 422


async def test_a_range_of_prices_holds_its_bounds(client: httpx.AsyncClient, city_dsn: str) -> None:
    # Times 100 some of these are just above or below their centavos.
    prices = (5177, 5178, 29, 57, 115, 0, 10_000)
    add_books(city_dsn, [make_book(n, preco_centavos=price) for n, price in enumerate(prices)])

    async def found(least: str, most: str) -> list[int]:
        answer = await read(client, "/books/price-range", min_preco=least, max_preco=most)
        return [round(book["preco"] * 100) for book in answer.json()]

    for price in prices:
        assert await found(f"{price / 100}", f"{price / 100}") == [price]
    assert await found("0", "1e300") == sorted(prices)
    assert await found("51.771", "51.7799") == []
    assert await found("1e300", "1e301") == []
    assert await found("-0.0", "0.29") == [0, 29]


@pytest.mark.parametrize(
    "query",
    ["-1&max_preco=5", "5&max_preco=1", "nan&max_preco=5", "0&max_preco=inf", "0&max_preco=1e999"],
)
async def test_an_impossible_range_is_refused(client: httpx.AsyncClient, query: str) -> None:
    expected = (400, "Intervalo de preços inválido")
    assert await problem(client, f"/books/price-range?min_preco={query}") == expected


@pytest.mark.parametrize("query", ["", "?min_preco=1", "?min_preco=a&max_preco=2"])
async def test_bounds_are_numbers(client: httpx.AsyncClient, query: str) -> None:
    assert (await problem(client, f"/books/price-range{query}"))[0] == 422


async def test_categories_are_sorted_as_people_do(client: httpx.AsyncClient, city_dsn: str) -> None:
    names = ["Zoologia", "Épico", "economia", "Arte", "Épico"]
    add_books(city_dsn, [make_book(n, categoria=name) for n, name in enumerate(names)])
    expected = ["Arte", "economia", "Épico", "Zoologia"]
    assert (await read(client, "/categories")).json() == expected
    assert list((await read(client, "/stats/categories")).json()) == expected


async def test_figures_add_up(client: httpx.AsyncClient, city_dsn: str) -> None:
    books = [(1000, 1, "A"), (1001, 5, "A"), (2001, 5, 'B "b"'), (1, 0, "A")]
    add_books(
        city_dsn,
        [
            make_book(n, preco_centavos=price, rating=rating, categoria=category)
            for n, (price, rating, category) in enumerate(books)
        ],
    )
    overview = (await read(client, "/stats/overview")).json()
    CatalogueFigures.model_validate(overview)
    assert overview == {
        "total_livros": 4,
        "preco_medio": 10.01,  # 10.0075
        "distribuicao_ratings": {"0": 1, "1": 1, "2": 0, "3": 0, "4": 0, "5": 2},
    }
    by_category = (await read(client, "/stats/categories")).json()
    assert by_category['B "b"'] == {
        "total_livros": 1,
        "preco_medio": 20.01,
        "distribuicao_ratings": {"1": 0, "2": 0, "3": 0, "4": 0, "5": 1},
    }
    assert sum(figures["total_livros"] for figures in by_category.values()) == 4


async def test_prices_of_old_come_first(client: httpx.AsyncClient, city_dsn: str) -> None:
    book_id, other_id = add_books(city_dsn, 2)
    with psycopg.connect(city_dsn) as connection:
        for days, price, stock in ((3, 900, 4), (2, 800, 0), (9, 700, 1)):
            connection.execute(
                "INSERT INTO library.book_prices"
                " (book_id, observed_at, preco_centavos, moeda, disponibilidade, estoque)"
                " VALUES (%s, now() - make_interval(days => %s), %s, 'GBP', %s, %s)",
                [book_id, days, price, stock > 0, stock],
            )
    answer = await read(client, f"/books/{book_id}/price-history")
    points = answer.json()
    assert [point["preco"] for point in points] == [7.0, 9.0, 8.0, 10.07]
    assert [point["disponibilidade"] for point in points] == [True, True, False, True]
    assert set(points[0]) == set(PricePoint.model_fields)
    assert answer.headers["X-Total-Count"] == "4"
    page = await read(client, f"/books/{book_id}/price-history", offset=1, limit=2)
    assert page.json() == points[1:3]
    rest = await client.get(link_targets(page)["next"])
    assert rest.json() == points[3:]
    assert len((await read(client, f"/books/{other_id}/price-history")).json()) == 1

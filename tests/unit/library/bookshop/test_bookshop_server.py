"""The shop as a server: validators, what it refuses, and the switches of tests."""

import asyncio
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from praca.library.bookshop import CATEGORIES, Bookshop, ShopBook, make_books

_BOOKS = make_books(45)
_BOOK = _BOOKS[3]


@pytest.fixture
def shop() -> Bookshop:
    return Bookshop(_BOOKS, CATEGORIES)


@pytest.fixture
async def web(shop: Bookshop) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=shop)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        yield client


def _validators(answer: httpx.Response) -> tuple[str, str]:
    return answer.headers["etag"], answer.headers["last-modified"]


@pytest.mark.parametrize("path", ["", "index.html", "catalogue/page-2.html", _BOOK.path])
async def test_a_page_is_sent_whole_with_its_validators(web: httpx.AsyncClient, path: str) -> None:
    answer = await web.get(f"/{path}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert int(answer.headers["content-length"]) == len(answer.content)
    etag, modified = _validators(answer)
    assert etag.startswith('"')
    assert modified == "Thu, 01 Jan 2026 00:00:00 GMT"


async def test_the_front_page_answers_under_both_of_its_names(web: httpx.AsyncClient) -> None:
    assert (await web.get("/")).content == (await web.get("/index.html")).content


@pytest.mark.parametrize("weak", ["", "W/"])
async def test_a_known_page_is_not_sent_again(web: httpx.AsyncClient, weak: str) -> None:
    etag, modified = _validators(await web.get("/"))
    for headers in (
        {"if-none-match": f'"other", {weak}{etag}'},
        {"if-modified-since": modified},
        {"if-none-match": etag, "if-modified-since": "Thu, 01 Jan 1970 00:00:00 GMT"},
    ):
        answer = await web.get("/", headers=headers)
        assert (answer.status_code, answer.content) == (304, b"")
        assert _validators(answer) == (etag, modified)


async def test_the_tag_wins_over_the_date(web: httpx.AsyncClient) -> None:
    _, modified = _validators(await web.get("/"))
    headers = {"if-none-match": '"other"', "if-modified-since": modified}
    assert (await web.get("/", headers=headers)).status_code == 200


async def test_a_restart_keeps_the_validators(web: httpx.AsyncClient) -> None:
    again = httpx.ASGITransport(app=Bookshop(make_books(45), CATEGORIES))
    async with httpx.AsyncClient(transport=again, base_url="http://shop") as other:
        assert _validators(await other.get("/")) == _validators(await web.get("/"))


async def test_what_is_not_there_or_not_allowed_is_refused(web: httpx.AsyncClient) -> None:
    for path in ("/nothing", "/catalogue/page-4.html", "/catalogue", "/../index.html%00"):
        assert (await web.get(path)).status_code == 404
    refused = await web.post("/")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")
    head = await web.head("/")
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) > 1000


async def test_robots_are_told_what_they_may(shop: Bookshop, web: httpx.AsyncClient) -> None:
    assert (await web.get("/robots.txt")).text == "User-agent: *\nAllow: /\n"
    shop.robots = "User-agent: *\nDisallow: /catalogue/\n"
    assert "Disallow" in (await web.get("/robots.txt")).text
    shop.robots = None
    assert (await web.get("/robots.txt")).status_code == 404


async def test_covers_are_small_drawings_with_the_title(web: httpx.AsyncClient) -> None:
    for book in _BOOKS:
        cover = await web.get(f"/{book.image_path}")
        assert cover.headers["content-type"].startswith("image/svg+xml")
        assert len(cover.content) < 2048
        assert book.titulo.split()[0] in cover.text


def _cheaper(shop: Bookshop) -> None:
    shop.set_price(_BOOK.number, 4242)


def _sold_out(shop: Bookshop) -> None:
    shop.set_stock(_BOOK.number, 0)


@pytest.mark.parametrize(
    ("change", "text"), [(_cheaper, "R$42.42"), (_sold_out, "Out of stock")], ids=["price", "stock"]
)
async def test_a_change_shows_where_the_book_does_and_nowhere_else(
    shop: Bookshop, web: httpx.AsyncClient, change: Callable[[Bookshop], None], text: str
) -> None:
    before = {path: _validators(await web.get(f"/{path}")) for path in shop.paths}
    change(shop)
    after = {path: _validators(await web.get(f"/{path}")) for path in shop.paths}
    assert before.keys() == after.keys()
    changed = {path for path in after if before[path] != after[path]}
    assert all(before[path][place] != after[path][place] for path in changed for place in (0, 1))
    assert {_BOOK.path, "index.html"} <= changed
    assert changed == {path for path in shop.paths if _BOOK.folder in shop.page(path).decode()} | {
        _BOOK.path
    }
    assert text in (await web.get(f"/{_BOOK.path}")).text


async def test_two_changes_within_a_second_have_two_dates(
    shop: Bookshop, web: httpx.AsyncClient
) -> None:
    seen = set()
    for centavos in (1111, 2222, 3333):
        shop.set_price(_BOOK.number, centavos)
        seen.add(_validators(await web.get(f"/{_BOOK.path}")))
    assert len({modified for _, modified in seen}) == 3


async def test_a_book_can_leave_and_come_back(shop: Bookshop, web: httpx.AsyncClient) -> None:
    shop.remove(_BOOK.number)
    assert (await web.get(f"/{_BOOK.path}")).status_code == 404
    assert all(_BOOK.folder not in shop.page(path).decode() for path in shop.paths)
    shop.add(_BOOK)
    assert (await web.get(f"/{_BOOK.path}")).status_code == 200
    assert shop.books[-1] is _BOOK


async def test_a_layout_can_be_broken_and_mended(shop: Bookshop, web: httpx.AsyncClient) -> None:
    sound = (await web.get(f"/{_BOOK.path}")).content
    shop.break_layout(_BOOK.path, "price_color", "preco")
    broken = (await web.get(f"/{_BOOK.path}")).text
    assert "price_color" not in broken
    assert 'class="preco"' in broken
    shop.mend_layout(_BOOK.path)
    assert (await web.get(f"/{_BOOK.path}")).content == sound
    with pytest.raises(ValueError, match="does not have"):
        shop.break_layout(_BOOK.path, "nowhere to be found")


async def test_so_many_requests_are_refused_and_no_more(
    shop: Bookshop, web: httpx.AsyncClient
) -> None:
    shop.refuse(2, 503, retry_after="7")
    shop.refuse(1, 429, prefix=_BOOK.path)
    first = await web.get("/")
    assert (first.status_code, first.headers["retry-after"]) == (503, "7")
    statuses = [(await web.get(f"/{path}")).status_code for path in ("", "", _BOOK.path, "")]
    assert statuses == [503, 200, 429, 200]
    assert "retry-after" not in (await web.get(f"/{_BOOK.path}")).headers


async def test_it_remembers_what_it_was_asked(shop: Bookshop, web: httpx.AsyncClient) -> None:
    shop.delay_s = 0.01
    agent = {"user-agent": "somebody"}
    await asyncio.gather(*(web.get(f"/{path}", headers=agent) for path in ("", "", "nothing")))
    assert shop.busiest == 3
    assert sorted((asked.path, asked.status) for asked in shop.asked) == [
        *[("", 200)] * 2,
        ("nothing", 404),
    ]
    assert {asked.user_agent for asked in shop.asked} == {"somebody"}
    assert max(asked.sent_bytes for asked in shop.asked) == len(shop.page("index.html"))


def test_the_books_given_are_the_books_there(shop: Bookshop) -> None:
    assert shop.books == _BOOKS
    assert isinstance(shop.books[0], ShopBook)
    with pytest.raises(KeyError):
        shop.page("nothing")

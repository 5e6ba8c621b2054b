"""The shop's pages: every field is there, every link leads somewhere, the mark-up is real."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from posixpath import dirname, join, normpath

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from praca.library.bookshop import (
    CATEGORIES,
    ShopBook,
    make_books,
    price_text,
    read_books,
    render_site,
)

_REAL = Path(os.environ.get("PRACA_REAL_DATA", "../shared/data")) / "books"
_with_real_data = pytest.mark.skipif(
    not _REAL.is_dir(), reason=f"the saved pages are not in {_REAL} (set PRACA_REAL_DATA)"
)
_NUMBERS = ("Zero", "One", "Two", "Three", "Four", "Five")
_BOOKS = make_books(310)
_SITE = render_site(_BOOKS, CATEGORIES)


def _parsed(body: bytes) -> LexborHTMLParser:
    return LexborHTMLParser(body.decode())


def _only(page: LexborHTMLParser, selector: str) -> LexborNode:
    (found,) = page.css(selector)
    return found


def _assert_page_tells(site: dict[str, bytes], book: ShopBook) -> None:
    """Read a book's page with no code of ours."""
    page = _parsed(site[book.path])
    main = _parsed((_only(page, "div.product_main").html or "").encode())
    price = price_text(book.preco_centavos, book.moeda)
    stock = f"In stock ({book.estoque} available)" if book.estoque else "Out of stock"
    assert _only(main, "h1").text() == book.titulo
    assert _only(main, "p.price_color").text() == price
    assert _only(main, "p.availability").text().strip() == stock
    assert (
        _only(main, "p.star-rating").attributes["class"] == f"star-rating {_NUMBERS[book.rating]}"
    )
    way = [item.text().strip() for item in page.css("ul.breadcrumb li")]
    assert way == ["Home", "Books", book.categoria, book.titulo]
    rows = {row.css("th")[0].text(): row.css("td")[0].text() for row in page.css("table tr")}
    assert rows["UPC"] == book.upc
    assert rows["Price (incl. tax)"] == rows["Price (excl. tax)"] == price
    assert rows["Availability"] == stock
    cover = _only(page, "#product_gallery img").attributes["src"]
    assert normpath(join(dirname(book.path), cover or "")) == book.image_path
    told = [found.text() for found in page.css("#product_description + p")]
    assert told == ([book.descricao] if book.descricao else [])


def test_the_page_of_every_book_tells_every_field() -> None:
    assert any(not book.descricao for book in _BOOKS)
    for book in _BOOKS:
        _assert_page_tells(_SITE, book)


def test_text_that_looks_like_mark_up_stays_text() -> None:
    hostile = '</p><script>alert("1 & 2")</script>'
    book = replace(_BOOKS[0], titulo=hostile, descricao=hostile, categoria=hostile)
    site = render_site([book])
    _assert_page_tells(site, book)
    assert all(b"<script" not in body for body in site.values())


def test_every_link_leads_to_a_page_or_a_cover() -> None:
    known = set(_SITE) | {book.image_path for book in _BOOKS}
    for path, body in _SITE.items():
        found = _parsed(body)
        links = [node.attributes["href"] or "" for node in found.css("a")]
        links += [node.attributes["src"] or "" for node in found.css("img")]
        assert links
        for link in links:
            assert normpath(join(dirname(path), link)) in known, (path, link)


def _followed(first: str) -> Iterator[str]:
    """Yield the addresses of the books of a listing, following `next`."""
    path: str | None = first
    while path is not None:
        page = _parsed(_SITE[path])
        titles = page.css("article.product_pod h3 a")
        assert len(titles) <= 20
        yield from (normpath(join(dirname(path), a.attributes["href"] or "")) for a in titles)
        after = page.css_first("li.next a")
        path = normpath(join(dirname(path), after.attributes["href"] or "")) if after else None


@pytest.mark.parametrize("first", ["index.html", "catalogue/page-1.html"])
def test_the_listing_leads_to_every_book_once_and_in_order(first: str) -> None:
    assert list(_followed(first)) == [book.path for book in _BOOKS]


def test_the_categories_share_the_books_among_them() -> None:
    side = _parsed(_SITE["index.html"]).css("div.side_categories ul ul a")
    names = [link.text().strip() for link in side]
    assert names == list(CATEGORIES)
    for name, link in zip(names, side, strict=True):
        expected = [book.path for book in _BOOKS if book.categoria == name]
        assert list(_followed(link.attributes["href"] or "")) == expected


def test_a_category_without_books_is_not_shown_and_leaves_the_others_in_place() -> None:
    first = CATEGORIES[0]
    site = render_site([book for book in _BOOKS if book.categoria != first], CATEGORIES)
    side = _parsed(site["index.html"]).css("div.side_categories ul ul a")
    assert [link.text().strip() for link in side] == list(CATEGORIES[1:])
    assert {link.attributes["href"] for link in side} <= set(_SITE)


def test_a_listing_counts_its_books_and_pages() -> None:
    last = _parsed(_SITE["catalogue/page-16.html"])
    assert [node.text() for node in last.css("form strong")] == ["310", "301", "310"]
    assert _only(last, "li.current").text().strip() == "Page 16 of 16"
    assert last.css("li.next") == []
    assert "page-17" not in _SITE["catalogue/page-16.html"].decode()


def test_an_empty_shop_has_a_front_page() -> None:
    page = _parsed(render_site([])["index.html"])
    assert page.css("article") == []
    assert page.css("li.next") == []


def _structure(page: LexborHTMLParser) -> list[tuple[str, ...]]:
    """Return each element below the body: its way from there, and the attributes that tell.

    Left out: scripts, which ours has none of; addresses of thumbnails, where ours are covers.
    """
    body = page.body
    assert body is not None
    return [
        (_way(node), *(node.attributes.get(name) or "" for name in ("id", "href", "title", "alt")))
        for node in body.traverse()
        if node.tag not in {"script", "_comment", "-comment"}
    ]


def _way(node: LexborNode) -> str:
    steps: list[str] = []
    step: LexborNode | None = node
    while step is not None and step.tag != "html":
        classes = sorted((step.attributes.get("class") or "").split())
        steps.append(".".join([step.tag or "", *classes]))
        step = step.parent
    return " > ".join(reversed(steps))


def _words(page: LexborHTMLParser, selector: str) -> list[str]:
    return [" ".join(node.text().split()) for node in page.css(selector)]


@_with_real_data
@pytest.mark.parametrize("number", [1, 2, 24, 49])
def test_the_real_books_come_out_in_the_real_mark_up(number: int) -> None:
    """The saved files are named after the page that their `next` leads to."""
    saved = LexborHTMLParser(
        (_REAL / "listing-pages" / f"page-{number + 1}.html").read_text(encoding="utf-8")
    )
    categories = _words(saved, "div.side_categories ul ul a")
    site = render_site(read_books(_REAL / "books.csv"), categories)
    path = "index.html" if number == 1 else f"catalogue/page-{number}.html"
    ours = _parsed(site[path])
    assert len(_structure(saved)) > 500
    assert _structure(ours) == _structure(saved)
    for selector in ("h3 a", "p.price_color", "p.availability", "li.current", "form strong"):
        assert _words(ours, selector) == _words(saved, selector)


@_with_real_data
def test_the_pages_of_the_real_books_tell_every_field() -> None:
    books = read_books(_REAL / "books.csv")
    site = render_site(books)
    assert len(books) == 1000
    for book in books[::10]:
        _assert_page_tells(site, book)

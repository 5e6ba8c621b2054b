"""What the scraper reads of a shop's pages, and what it refuses to half-read."""

import os
import unicodedata
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.library.shop_pages import HERE, LIST, book_page, listing_page

from praca.library.records import ScrapedBook
from praca.library.scraper.parsing import LayoutError, Listing, parse_book, parse_listing
from praca.library.scraper.prices import read_price

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
SAVED = Path(os.environ.get("PRACA_REAL_DATA", SHARED)) / "books" / "listing-pages"
PLAIN_BOOK = book_page()
PLAIN_LIST = listing_page()


def book(page: str, url: str = HERE) -> ScrapedBook:
    return parse_book(page.encode(), url)


def refused(page: str | bytes, url: str = HERE) -> str:
    with pytest.raises(LayoutError) as raised:
        parse_book(page.encode() if isinstance(page, str) else page, url)
    assert raised.value.reason
    return raised.value.field


def refused_listing(page: str) -> str:
    with pytest.raises(LayoutError) as raised:
        parse_listing(page.encode(), LIST)
    return raised.value.field


def test_a_book_is_read_whole() -> None:
    assert book(PLAIN_BOOK) == ScrapedBook(
        upc="a897fe39b1053632",
        url=HERE,
        titulo="Dom Casmurro & outras histórias",
        preco_centavos=123456,
        moeda="BRL",
        rating=4,
        disponibilidade=True,
        estoque=22,
        categoria="Romance",
        imagem="http://loja.example/media/cache/fe/fe72.jpg",
        descricao="Um ciumento conta a sua vida.",
    )


@pytest.mark.parametrize(
    ("text", "centavos", "currency"),
    [
        ("£51.77", 5177, "GBP"),
        ("Â£51.77", 5177, "GBP"),
        ("R$ 51,77", 5177, "BRL"),
        ("R$\xa01.234,56", 123456, "BRL"),
        ("US$1,234,567.80", 123456780, "USD"),
        ("$0.07", 7, "USD"),
        ("€ 10", 1000, "EUR"),
        ("51,77 €", 5177, "EUR"),
        ("1 234,50€", 123450, "EUR"),
        ("£0.00", 0, "GBP"),
        # A float would lose this one: 90071992547.93 * 100 is not a whole number.
        ("£90071992547.93", 9007199254793, "GBP"),
    ],
)
def test_prices_become_hundredths(text: str, centavos: int, currency: str) -> None:
    assert read_price(text) == (centavos, currency)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "51.77",
        "£",
        "£-1.00",
        "£1.234",
        "£1.2",
        "£1.2.34",
        "£1.234.56",
        "£12.34,56",
        "£1,23,456.00",
        "£51.77 €",
        "£51.77 was £60.00",
        "¥51",
        "£٣.٠٠",
        "£" + "9" * 13,
        "£" + "9" * 5000,
        "grátis",
    ],
)
def test_what_is_no_clear_price_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"preço|centavos"):
        read_price(text)
    assert refused(book_page(price=text)) == "preco"


@given(st.integers(0, 10**12), st.sampled_from(["£{}.{:02}", "R$ {},{:02}", "{}.{:02} €"]))
@settings(max_examples=50, deadline=None)
def test_every_amount_is_read_back(centavos: int, written: str) -> None:
    whole, cents = divmod(centavos, 100)
    assert read_price(written.format(whole, cents))[0] == centavos
    if "," in written:
        grouped = f"{whole:,}".replace(",", ".")
        assert read_price(written.format(grouped, cents))[0] == centavos


@pytest.mark.parametrize(
    ("classes", "stars"),
    [
        ("star-rating One", 1),
        ("star-rating Two", 2),
        ("Three star-rating", 3),
        ("star-rating  Five", 5),
        ("star-rating Zero", 0),
        ("star-rating", 0),
    ],
)
def test_stars_are_a_class(classes: str, stars: int) -> None:
    assert book(book_page(stars=classes)).rating == stars


@pytest.mark.parametrize("classes", ["star-rating Six", "star-rating One Two", "stars Three", ""])
def test_stars_that_cannot_be_told_are_refused(classes: str) -> None:
    assert refused(book_page(stars=classes)) == "rating"


@pytest.mark.parametrize(
    ("text", "stock"),
    [
        ("In stock (22 available)", 22),
        ("In stock\n (1\n available)", 1),
        ("Em estoque (3 disponíveis)", 3),
        ("In stock (0 available)", 0),
        ("Out of stock", 0),
        ("Esgotado", 0),
    ],
)
def test_stock_and_availability_agree(text: str, stock: int) -> None:
    read = book(book_page(stock=text))
    assert (read.estoque, read.disponibilidade) == (stock, stock > 0)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "In stock",
        "In stock (many available)",
        "In stock (-1 available)",
        "In stock (9999999 available)",
    ],
)
def test_stock_without_a_number_is_refused(text: str) -> None:
    assert refused(book_page(stock=text)) == "estoque"


def test_a_description_may_be_absent() -> None:
    assert book(book_page(description=None)).descricao == ""
    assert book(book_page(description="")).descricao == ""


def test_lines_of_a_description_stay_apart() -> None:
    page = PLAIN_BOOK.replace("Um ciumento", "Um<br>ciumento <i>muito</i>")
    assert book(page).descricao == "Um ciumento muito conta a sua vida."


def test_control_characters_of_a_description_are_white_space() -> None:
    page = PLAIN_BOOK.replace("Um ciumento", "Um\x80\x9b&#7;ciumento")
    assert book(page).descricao == "Um ciumento conta a sua vida."


def test_a_heading_without_a_description_is_refused() -> None:
    assert refused(PLAIN_BOOK.replace("<p>Um ciumento", "<span>Um ciumento")) == "descricao"


@pytest.mark.parametrize(
    ("field", "old", "new"),
    [
        ("produto", "product_main", "product_side"),
        ("titulo", "<h1>", "<h2>"),
        ("titulo", "<h1>", "<h1>x</h1><h1>"),
        ("preco", "price_color", "price"),
        ("estoque", "instock availability", "instock"),
        ("upc", "<th>UPC</th>", "<th>EAN</th>"),
        ("upc", "a897fe39b1053632", ""),
        ("upc", "a897fe39b1053632", "não há"),
        ("upc", "<tr><th>Product Type</th>", "<tr><th>UPC</th>"),
        ("categoria", '<li><a href="../category/books/romance_8/index.html">Romance</a></li>', ""),
        ("imagem", "product_gallery", "gallery"),
        ("imagem", "src=", "data-src="),
        ("titulo", "<h1>Dom", "<h1>" + "x" * 1001),
        ("titulo", "<h1>Dom", "<h1>&#0;"),
        ("titulo", "<h1>Dom", "<h1>&#x80;&#7;"),
        ("descricao", "Um ciumento", "x" * 100_001),
        ("pagina", "Um ciumento", "\0"),
        ("pagina", "Um ciumento", "<i>" * 30_000),
        ("pagina", "<h1>", "<h1 " + " ".join(f"a{n}" for n in range(30_000)) + ">"),
    ],
)
def test_a_field_that_is_gone_or_doubled_puts_the_page_aside(
    field: str, old: str, new: str
) -> None:
    assert old in PLAIN_BOOK
    assert refused(PLAIN_BOOK.replace(old, new)) == field


@pytest.mark.parametrize(
    "link",
    [
        "https://loja.example/x.jpg",
        "http://outra.example/x.jpg",
        "//outra.example/x.jpg",
        "http://loja.example:8080/x.jpg",
        "http://eu:senha@loja.example/x.jpg",
        "http://loja.example\\@outra.example/x.jpg",
        "javascript:alert(1)",
        "data:image/png;base64,AAAA",
        "file:///etc/passwd",
        "http://[::1",
        "http://loja.example:porta/x.jpg",
        "a b.jpg",
        "x" * 3000,
    ],
)
def test_no_link_leads_out_of_the_shop(link: str) -> None:
    assert refused(book_page(image=link)) == "imagem"
    page = listing_page().replace("page-3.html", link)
    assert refused_listing(page) == "proxima"
    page = listing_page().replace("livro_2/index.html", link)
    assert refused_listing(page) == "link"


def test_links_are_made_whole() -> None:
    assert parse_listing(PLAIN_LIST.encode(), LIST) == Listing(
        tuple(f"http://loja.example/catalogue/livro_{number}/index.html" for number in (1, 2, 3)),
        "http://loja.example/catalogue/page-3.html",
    )
    same = listing_page().replace("livro_2/index.html", "/catalogue/livro_2/index.html#topo")
    assert parse_listing(same.encode(), LIST).book_urls[1].endswith("/catalogue/livro_2/index.html")


def test_the_last_page_of_a_list_has_no_next_one() -> None:
    page = listing_page(
        range(2),
        count="<strong>22</strong> results - showing <strong>21</strong> to <strong>22</strong>.",
        pager='<li class="current">Page 2 of 2</li>',
    )
    assert parse_listing(page.encode(), LIST).next_url is None


def test_a_list_of_one_page_needs_no_pager() -> None:
    page = listing_page(range(3), count="<strong>3</strong> results.", pager="")
    assert len(parse_listing(page.encode(), LIST).book_urls) == 3


@pytest.mark.parametrize(
    ("field", "old", "new"),
    [
        ("produtos", "product_pod", "product_card"),
        ("produtos", "<strong>6<", "<strong>7<"),
        ("link", 'livro_2/index.html" title', '" title'),
        ("link", "<h3>", "<h4>"),
        ("total", "<strong>30<", "<strong>muitos<"),
        ("total", "<strong>30</strong>", "trinta"),
        ("proxima", 'class="next"', 'class="after"'),
        ("proxima", "Page 2 of 10", "Page 10 of 10"),
        ("proxima", "Page 2 of 10", "Two of ten"),
        ("proxima", '<li class="next">', '<li class="next"><a href="page-4.html">next</a>'),
    ],
)
def test_a_list_that_is_not_whole_is_refused(field: str, old: str, new: str) -> None:
    assert old in PLAIN_LIST
    assert refused_listing(PLAIN_LIST.replace(old, new)) == field


def test_an_empty_list_is_refused() -> None:
    assert (
        refused_listing(listing_page(range(0), count="<strong>0</strong> results.")) == "produtos"
    )


def test_a_book_page_is_no_list_and_a_list_no_book() -> None:
    assert refused(PLAIN_LIST) == "produto"
    assert refused_listing(PLAIN_BOOK.replace("product_pod", "product")) == "produtos"


def test_utf_8_is_read_whatever_the_header_says() -> None:
    assert parse_book(PLAIN_BOOK.encode(), HERE, charset="iso-8859-1").titulo.endswith("histórias")
    assert parse_book(b"\xef\xbb\xbf" + PLAIN_BOOK.encode(), HERE).titulo.endswith("histórias")


def test_other_character_sets_count_where_they_are_named() -> None:
    latin = PLAIN_BOOK.replace("R$ 1.234,56", "£5.00").encode("latin-1")
    assert refused(latin) == "codificacao"
    read = parse_book(latin, HERE, charset="ISO-8859-1")
    assert (read.titulo, read.moeda) == ("Dom Casmurro & outras histórias", "GBP")
    assert parse_book(latin.replace(b"utf-8", b"latin1"), HERE) == read
    assert refused(latin.replace(b"utf-8", b"rot13")) == "codificacao"
    with pytest.raises(LayoutError):
        parse_book(b"\x81", HERE, charset="latin1")


def check_plausible(read: ScrapedBook) -> None:
    assert read.upc
    assert len(read.upc) <= 64
    assert read.upc.isascii()
    assert 0 < len(read.titulo) <= 1000
    assert 0 < len(read.categoria) <= 100
    assert 0 <= read.preco_centavos < 10**14
    assert read.moeda in {"GBP", "EUR", "USD", "BRL"}
    assert 0 <= read.rating <= 5
    assert read.disponibilidade == (read.estoque > 0)
    assert 0 <= read.estoque <= 10**6
    for url in (read.url, read.imagem):
        assert urlsplit(url)[:2] == ("http", "loja.example")
    for text in (read.titulo, read.categoria, read.descricao, read.upc, read.imagem):
        assert "\0" not in text
        assert " ".join(text.split()) == text
        assert not any(unicodedata.category(char) == "Cc" for char in text)
        text.encode()


@given(st.binary(max_size=2000))
@settings(max_examples=60, deadline=None)
def test_arbitrary_bytes_are_refused(body: bytes) -> None:
    with pytest.raises(LayoutError):
        parse_book(body, HERE)
    with pytest.raises(LayoutError):
        parse_listing(body, LIST)


SPLINTERS = [
    b"<", b">", b'"', b"'", b"&", b"\0", b"\xff", b"<!--", b"-->", b"<script>", b"</div>", b"<p>",
    b"<table>", b"<template>", b"&#0;", b"&#xD800;", b"\xc2\xa0", b"\xe2\x80\xa8", b"<h1>",
    b" class=", b"<plaintext>", b"http://outra.example/", b"9" * 30, b"", b"\xed\xa0\x80",
]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn, page: bytes) -> bytes:
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(page)))
        end = min(len(page), start + draw(st.integers(0, 40)))
        page = page[:start] + draw(st.sampled_from(SPLINTERS) | st.binary(max_size=4)) + page[end:]
    return page


@given(mutated(PLAIN_BOOK.encode()))
@settings(max_examples=300, deadline=None)
def test_a_mutated_page_gives_a_plausible_book_or_none(body: bytes) -> None:
    try:
        read = parse_book(body, HERE)
    except LayoutError:
        return
    check_plausible(read)


@given(mutated(PLAIN_LIST.encode()))
@settings(max_examples=200, deadline=None)
def test_a_mutated_list_leads_nowhere_else(body: bytes) -> None:
    try:
        read = parse_listing(body, LIST)
    except LayoutError:
        return
    assert read.book_urls
    for url in (*read.book_urls, *([read.next_url] if read.next_url else [])):
        assert urlsplit(url)[:2] == ("http", "loja.example")


@pytest.mark.skipif(not SAVED.is_dir(), reason=f"the saved pages are not in {SAVED}")
@pytest.mark.parametrize(
    ("name", "first", "after"),
    [
        ("page-2.html", "catalogue/a-light-in-the-attic_1000/", "catalogue/page-2.html"),
        ("page-3.html", "in-her-wake_980/", "page-3.html"),
        ("page-25.html", "", "page-25.html"),
        ("page-50.html", "", "page-50.html"),
    ],
)
def test_the_saved_pages_of_the_real_shop_are_read(name: str, first: str, after: str) -> None:
    base = "https://books.toscrape.com/"
    read = parse_listing((SAVED / name).read_bytes(), base)
    assert len(read.book_urls) == 20
    assert read.book_urls[0].startswith(base + first)
    assert read.next_url == base + after

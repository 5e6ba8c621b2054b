import dataclasses

import pytest

from praca.library.records import ScrapedBook
from praca.library.scraper.shop import Shop
from praca.library.storing import unstorable

BOOK = ScrapedBook(
    upc="a1", url="http://loja/a", titulo="A", preco_centavos=1, moeda="BRL", rating=5,
    disponibilidade=True, estoque=3, categoria="Poesia", imagem="", descricao="",
)  # fmt: skip


@pytest.mark.parametrize(
    ("address", "url", "seed"),
    [
        ("https://books.toscrape.com", "https://books.toscrape.com", "/"),
        ("https://books.toscrape.com/", "https://books.toscrape.com", "/"),
        ("HTTPS://Books.ToScrape.com:443/index.html", "https://books.toscrape.com", "/index.html"),
        ("http://127.0.0.1:8082/loja", "http://127.0.0.1:8082/loja", "/"),
        ("http://[::1]:8082/loja/a.html", "http://[::1]:8082/loja", "/a.html"),
    ],
)
def test_a_shop_begins_where_its_address_says(address: str, url: str, seed: str) -> None:
    assert Shop.at(address) == Shop(url, seed)
    assert Shop.at(address).path_of(address) in {seed, None if seed == "/" else seed}


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("http://Loja/b/livro.html#fim", "/livro.html"),
        ("http://loja:80/b/?pagina=2", "/?pagina=2"),
        ("http://loja/b/", "/"),
        ("http://loja/outra/livro.html", None),
        ("http://loja/bb/livro.html", None),
        ("https://loja/b/livro.html", None),
        ("http://loja:81/b/livro.html", None),
        ("http://loja.example/b/livro.html", None),
        ("http://loja:porta/b/livro.html", None),
        ("http://loja/b/" + "a" * 1980, "/" + "a" * 1980),
        ("http://loja/b/" + "a" * 1990, None),
        ("http://loja/b/" + "ã" * 1000, None),
        ("http://loja/b/um livro", None),
        ("mailto:loja@example.com", None),
        ("", None),
    ],
)
def test_only_what_lies_below_it_is_the_shops(url: str, path: str | None) -> None:
    assert Shop.at("http://loja/b").path_of(url) == path


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, None),
        ({"upc": ""}, "upc"),
        ({"upc": "9" * 201}, "upc"),
        ({"titulo": "nada\x00mais"}, "titulo"),
        ({"descricao": "meio \ud83d"}, "descricao"),
        ({"descricao": "a" * 400_001}, "descricao"),
        ({"url": "http://loja/" + "ã" * 1000}, "url"),
        ({"preco_centavos": -1}, "preco_centavos"),
        ({"preco_centavos": 2**63}, "preco_centavos"),
        ({"estoque": 2**31}, "estoque"),
        ({"rating": 6}, "rating"),
        ({"moeda": "R$"}, "moeda"),
    ],
)
def test_what_no_row_can_hold_is_found_before(values: dict[str, object], field: str | None) -> None:
    refused = unstorable(dataclasses.replace(BOOK, **values))  # type: ignore[arg-type]
    assert (refused and refused.field) == field

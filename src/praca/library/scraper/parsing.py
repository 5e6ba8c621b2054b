"""What a shop's pages say, or that they no longer say it: nothing in between.

A page is read whole or refused: a field that is missing, doubled or implausible raises
:class:`LayoutError`, so that a shop which has changed its mark-up is noticed at its first page
and the catalogue never holds half a book.
"""

import re
from dataclasses import dataclass
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from praca.kit.text import squeeze
from praca.library.records import ScrapedBook
from praca.library.scraper.charsets import CharsetError, decode
from praca.library.scraper.links import inside
from praca.library.scraper.prices import read_price

__all__ = ["PARSER_VERSION", "LayoutError", "Listing", "parse_book", "parse_listing"]

PARSER_VERSION: Final = 1
"""To be raised with every change of what is read, so that unchanged pages are read again."""

_MOST_PIECES: Final = 25_000
_SHORT: Final = _MOST_PIECES // 2
_LONGEST_TITLE: Final = 1_000
_LONGEST_NAME: Final = 100
_LONGEST_DESCRIPTION: Final = 100_000
_MOST_STOCK: Final = 1_000_000
_MOST_PRODUCTS: Final = 1_000
_STARS: Final = {"Zero": 0, "One": 1, "Two": 2, "Three": 3, "Four": 4, "Five": 5}
_UPC: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,63}")
_IN_STOCK: Final = re.compile(
    r"(?:in stock|em estoque) \(([0-9]{1,7}) (?:available|dispon[ií]ve(?:l|is))\)", re.IGNORECASE
)
_SOLD_OUT: Final = ("out of stock", "unavailable", "esgotado", "indisponível", "fora de estoque")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_PAGE_OF: Final = re.compile(
    r"(?:page|p[áa]gina) ([0-9]{1,7}) (?:of|de) ([0-9]{1,7})", re.IGNORECASE
)
_NUMBER: Final = re.compile(r"[0-9]{1,9}")
_CRUMBS_ABOVE: Final = 3


class LayoutError(Exception):
    """A page that does not look as the shop's pages do; it is put aside, not stored.

    Attributes:
        field: what of it cannot be read.
        reason: why, in Portuguese, without the page's own text beyond a short quotation.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of the shop's list.

    Attributes:
        book_urls: absolute addresses of the books' pages, in their order, each once.
        next_url: absolute address of the next page of the list; None: this is the last one.
    """

    book_urls: tuple[str, ...]
    next_url: str | None


def parse_listing(body: bytes, url: str, *, charset: str | None = None) -> Listing:
    """Read a page of the list.

    What the page says of itself must be so: the number of products it claims to show, and a next
    page unless it is the last. A lost product or a lost link would go unnoticed otherwise, and
    the books behind it would count as gone from the shop.

    Args:
        body: as it was received, decompressed.
        url: where it was received from; links are relative to it.
        charset: what the answer's header named, if anything.

    Raises:
        LayoutError: it is not a page of the list, or not a whole one.
    """
    page = _parse(body, charset)
    products = page.css("article.product_pod")
    if not products:
        raise LayoutError("produtos", "a página não lista produto algum")
    if len(products) > _MOST_PRODUCTS:
        raise LayoutError("produtos", f"a página lista mais de {_MOST_PRODUCTS} produtos")
    _check_count(page, len(products))
    links = (_link(_only(product, "h3 a", "link"), "href", "link", url) for product in products)
    return Listing(tuple(dict.fromkeys(links)), _next_url(page, url))


def parse_book(body: bytes, url: str, *, charset: str | None = None) -> ScrapedBook:
    """Read a book's own page.

    Args:
        body: as it was received, decompressed.
        url: where it was received from; links are relative to it.
        charset: what the answer's header named, if anything.

    Raises:
        LayoutError: it is not a book's page, or one of the book's fields is not as it should be.
    """
    page = _parse(body, charset)
    main = _only(page, "div.product_main", "produto")
    price, currency = _price(main)
    is_available, stock = _availability(main)
    return ScrapedBook(
        upc=_upc(page),
        url=_checked_link(url, url, "url"),
        titulo=_line(_only(main, "h1", "titulo"), "titulo", _LONGEST_TITLE),
        preco_centavos=price,
        moeda=currency,
        rating=_rating(main),
        disponibilidade=is_available,
        estoque=stock,
        categoria=_category(page),
        imagem=_link(_first(page, "#product_gallery img", "imagem"), "src", "imagem", url),
        descricao=_description(page),
    )


def _parse(body: bytes, charset: str | None) -> LexborHTMLParser:
    try:
        text = decode(body, charset)
    except CharsetError as error:
        raise LayoutError("codificacao", str(error)) from None
    if "\0" in text:
        raise LayoutError("pagina", "contém caracteres NUL")
    # Counting takes as long as half of the parsing; a short page cannot have so many.
    if len(text) > _SHORT and _pieces(text) > _MOST_PIECES:
        raise LayoutError("pagina", f"é feita de mais de {_MOST_PIECES} pedaços")
    return LexborHTMLParser(text)


def _pieces(text: str) -> int:
    """Return a bound of how many tags, and how many attributes, a page may have.

    The time of building a tree grows with the square of its depth, and of the number of one tag's
    attributes: two megabytes of ``<div>`` take minutes, during which nothing else runs. The
    shop's pages have 5,000 pieces, and 25,000 take two seconds at the worst.
    """
    return len(text.split()) + sum(text.count(char) for char in "</\"'")


def _check_count(page: LexborHTMLParser, shown: int) -> None:
    # "1000 results - showing 21 to 40", or "12 results" of a list that fits one page.
    said = [squeeze(node.text()) for node in page.css("form.form-horizontal > strong")]
    if not all(_NUMBER.fullmatch(number) for number in said):
        raise LayoutError("total", "o total de resultados não é um número")
    match [int(number) for number in said]:
        case [expected]:
            pass
        case [_, first, last]:
            expected = last - first + 1
        case []:
            return
        case _:
            raise LayoutError("total", "o total de resultados mudou de forma")
    if expected != shown:
        raise LayoutError("produtos", f"{expected} produtos anunciados, {shown} na página")


def _next_url(page: LexborHTMLParser, url: str) -> str | None:
    links = page.css("ul.pager li.next a")
    if len(links) > 1:
        raise LayoutError("proxima", "mais de uma página seguinte")
    place = page.css_first("ul.pager li.current")
    said = _PAGE_OF.fullmatch(squeeze(place.text())) if place else None
    if place and said is None:
        raise LayoutError("proxima", "o lugar na lista não pode ser lido")
    if said and (int(said[1]) < int(said[2])) != bool(links):
        raise LayoutError(
            "proxima", f"página {said[1]} de {said[2]}, páginas seguintes: {len(links)}"
        )
    return _link(links[0], "href", "proxima", url) if links else None


def _upc(page: LexborHTMLParser) -> str:
    named = [row for row in page.css("table tr") if _heading(row) == "upc"]
    if len(named) != 1:
        raise LayoutError("upc", f"{len(named)} linhas com o código do livro")
    upc = _line(_only(named[0], "td", "upc"), "upc", _LONGEST_NAME)
    if not _UPC.fullmatch(upc):
        raise LayoutError("upc", f"não é um código de livro: {upc!r}")
    return upc


def _heading(row: LexborNode) -> str:
    heading = row.css_first("th")
    return squeeze(heading.text()).lower() if heading else ""


def _price(main: LexborNode) -> tuple[int, str]:
    text = _line(_only(main, "p.price_color", "preco"), "preco", _LONGEST_NAME)
    try:
        return read_price(text)
    except ValueError as error:
        raise LayoutError("preco", str(error)) from None


def _rating(main: LexborNode) -> int:
    """Return the stars; the shop leaves the word out for a book that nobody has rated."""
    classes = (_only(main, "p.star-rating", "rating").attributes.get("class") or "").split()
    words = set(classes) - {"star-rating"}
    if not words:
        return 0
    if len(words) > 1 or not words <= _STARS.keys():
        raise LayoutError("rating", f"não são estrelas: {' '.join(sorted(words))[:40]!r}")
    return _STARS[words.pop()]


def _availability(main: LexborNode) -> tuple[bool, int]:
    text = _line(_only(main, "p.availability", "estoque"), "estoque", _LONGEST_NAME)
    if text.lower() in _SOLD_OUT:
        return False, 0
    found = _IN_STOCK.fullmatch(text)
    if found is None:
        raise LayoutError("estoque", f"não se lê o estoque em {text[:40]!r}")
    stock = int(found[1])
    if stock > _MOST_STOCK:
        raise LayoutError("estoque", f"mais de {_MOST_STOCK}")
    return stock > 0, stock


def _category(page: LexborHTMLParser) -> str:
    # Home, the whole list, the category; then the book itself, without a link.
    crumbs = page.css("ul.breadcrumb li a")
    if len(crumbs) < _CRUMBS_ABOVE:
        raise LayoutError("categoria", f"o caminho até o livro tem {len(crumbs)} passos")
    return _line(crumbs[-1], "categoria", _LONGEST_NAME)


def _description(page: LexborHTMLParser) -> str:
    headings = page.css("#product_description")
    if not headings:
        return ""
    after = headings[0].next
    while after is not None and after.tag in {"-text", "_comment"}:
        after = after.next
    if len(headings) > 1 or after is None or after.tag != "p":
        raise LayoutError("descricao", "o título dela não precede um parágrafo")
    for line_break in after.css("br"):
        line_break.replace_with(" ")
    # Free text may have come a long way; what cannot be shown of it counts as white space.
    told = squeeze(_CONTROL.sub(" ", after.text()))
    return _bounded(told, "descricao", _LONGEST_DESCRIPTION)


def _only(within: LexborHTMLParser | LexborNode, selector: str, field: str) -> LexborNode:
    found = within.css(selector)
    if len(found) != 1:
        raise LayoutError(field, f"{len(found)} elementos {selector!r} em vez de um")
    return found[0]


def _first(page: LexborHTMLParser, selector: str, field: str) -> LexborNode:
    found = page.css_first(selector)
    if found is None:
        raise LayoutError(field, f"falta o elemento {selector!r}")
    return found


def _line(node: LexborNode, field: str, longest: int) -> str:
    text = _bounded(squeeze(node.text()), field, longest)
    if not text:
        raise LayoutError(field, "está vazio")
    if "\ufffd" in text:
        raise LayoutError(field, "perdeu alguns caracteres")
    return text


def _bounded(text: str, field: str, longest: int) -> str:
    if len(text) > longest:
        raise LayoutError(field, f"tem mais de {longest} caracteres")
    if _CONTROL.search(text):
        raise LayoutError(field, "contém caracteres de controle")
    return text


def _link(node: LexborNode, attribute: str, field: str, url: str) -> str:
    link = node.attributes.get(attribute)
    if not link:
        raise LayoutError(field, f"falta o atributo {attribute}")
    return _checked_link(link, url, field)


def _checked_link(link: str, url: str, field: str) -> str:
    try:
        return inside(link, url)
    except ValueError as error:
        raise LayoutError(field, str(error)) from None

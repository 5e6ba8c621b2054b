"""The page of one book."""

from collections.abc import Sequence
from html import escape

from praca.library.bookshop.books import CURRENCY_SYMBOLS, ShopBook, price_text
from praca.library.bookshop.frame import availability, breadcrumb, cards, notice, page, stars

__all__ = ["product_page"]

_UP = "../../"


def product_page(book: ShopBook, category_folder: str, viewed: Sequence[ShopBook]) -> bytes:
    """Return the page of ``book``.

    Args:
        book: the book.
        category_folder: folder of its category, under ``catalogue/category/books/``.
        viewed: books that are shown below as seen before: cards with prices and stars of their
            own, which whoever reads the page must tell from the book's.
    """
    links = (
        (f"{_UP}index.html", "Home"),
        ("../category/books_1/index.html", "Books"),
        (f"../category/books/{category_folder}/index.html", book.categoria),
    )
    body = f"""{breadcrumb(links, book.titulo)}
<div id="messages">
</div>
<div class="content">
<div id="promotions">
</div>
<div id="content_inner">
<article class="product_page"><!-- Start of product page -->
{_row(book)}
{_description(book)}<div class="sub-header">
<h2>Product Information</h2>
</div>
{_table(book)}
<section>
<div id="reviews" class="sub-header">
</div>
</section>
{_viewed(viewed)}</article><!-- End of product page -->
</div>
</div>"""
    return page(title=book.titulo, up=_UP, body=body, description=book.descricao)


def _row(book: ShopBook) -> str:
    return f"""<div class="row">
<div class="col-sm-6">
<div id="product_gallery" class="carousel">
<div class="thumbnail">
<div class="carousel-inner">
<div class="item active">
<img src="{_UP}{book.image_path}" alt="{escape(book.titulo)}" />
</div>
</div>
</div>
</div>
</div>
<div class="col-sm-6 product_main">
<h1>{escape(book.titulo)}</h1>
<p class="price_color">{price_text(book.preco_centavos, book.moeda)}</p>
{availability(_stock(book), is_in_stock=book.estoque > 0)}
{stars(book.rating)}&nbsp;
</p>
<hr/>
{notice()}
</div><!-- /col-sm-6 -->
</div><!-- /row -->"""


def _stock(book: ShopBook) -> str:
    return f"In stock ({book.estoque} available)" if book.estoque else "Out of stock"


def _description(book: ShopBook) -> str:
    if not book.descricao:
        return ""
    return f"""<div id="product_description" class="sub-header">
<h2>Product Description</h2>
</div>
<p>{escape(book.descricao)}</p>
"""


def _table(book: ShopBook) -> str:
    price = price_text(book.preco_centavos, book.moeda)
    rows = (
        ("UPC", escape(book.upc)),
        ("Product Type", "Books"),
        ("Price (excl. tax)", price),
        ("Price (incl. tax)", price),
        ("Tax", f"{CURRENCY_SYMBOLS[book.moeda]}0.00"),
        ("Availability", _stock(book)),
        ("Number of reviews", "0"),
    )
    lines = "".join(f"<tr>\n<th>{name}</th><td>{value}</td>\n</tr>\n" for name, value in rows)
    return f'<table class="table table-striped">\n{lines}</table>'


def _viewed(books: Sequence[ShopBook]) -> str:
    if not books:
        return ""
    shown = cards(books, to_catalogue="../", to_root=_UP, columns="col-lg-2")
    return f"""<div class="sub-header">
<h2>Products you recently viewed</h2>
</div>
<ul class="row">
{shown}</ul>
"""

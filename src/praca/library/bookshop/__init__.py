"""The sample bookshop: a small shop of books with the mark-up of books.toscrape.com.

For tests, demonstrations and ``praca up``: :func:`make_books` invents the books,
:func:`render_site` writes the pages of these or any others, :class:`Bookshop` serves them.
"""

from praca.library.bookshop.books import CURRENCY_SYMBOLS, ShopBook, price_text, slug_of
from praca.library.bookshop.content import CATEGORIES, make_books
from praca.library.bookshop.files import read_books
from praca.library.bookshop.server import Asked, Bookshop
from praca.library.bookshop.site import render_site

__all__ = [
    "CATEGORIES",
    "CURRENCY_SYMBOLS",
    "Asked",
    "Bookshop",
    "ShopBook",
    "make_books",
    "price_text",
    "read_books",
    "render_site",
    "slug_of",
]

"""All pages of a shop of given books."""

from collections.abc import Iterable, Iterator, Sequence

from praca.library.bookshop.books import ShopBook, slug_of
from praca.library.bookshop.listing_pages import Listing, Place, listing_pages
from praca.library.bookshop.product_page import product_page

__all__ = ["category_folders", "render_site"]

_ALL_TITLE = "All products"
_FIRST_CATEGORY = 2  # number 1 is "Books", the category above all others
_VIEWED = 6
_ALL_PLACES = (
    Place("", "", "catalogue/", rest="catalogue/"),
    Place("catalogue/", "../", "", first="page-1.html"),
)
_BOOKS_PLACE = Place("catalogue/category/books_1/", "../../../", "../../")


def render_site(
    books: Sequence[ShopBook], categories: Sequence[str] | None = None
) -> dict[str, bytes]:
    """Return the content of every page, by its path from the root of the shop.

    As in books.toscrape.com: ``index.html``, ``catalogue/page-N.html`` with twenty books each,
    a paged listing per category, a page per book; all links are relative.

    Args:
        books: in the order of the listings.
        categories: their order at the side; by default that of their first books. Their folders
            are numbered by it, so that a shop whose books change should give it. One without
            books is not shown.
    """
    with_books = dict.fromkeys(book.categoria for book in books)
    folders = category_folders(with_books if categories is None else categories)
    return dict(_pages(books, {name: folders[name] for name in folders if name in with_books}))


def category_folders(categories: Iterable[str]) -> dict[str, str]:
    """Return the folder of each category by its name: slug and number."""
    return {
        name: f"{slug_of(name)}_{number}" for number, name in enumerate(categories, _FIRST_CATEGORY)
    }


def _pages(books: Sequence[ShopBook], folders: dict[str, str]) -> Iterator[tuple[str, bytes]]:
    side = [(folder, name) for name, folder in folders.items()]
    for place in _ALL_PLACES:
        yield from listing_pages(Listing(_ALL_TITLE, (), books, side), place)
    yield from listing_pages(Listing("Books", (), books, side), _BOOKS_PLACE)
    by_category: dict[str, list[ShopBook]] = {name: [] for name in folders}
    for book in books:
        by_category[book.categoria].append(book)
    for name, folder in folders.items():
        way = (("category/books_1/index.html", "Books"),)
        place = Place(f"catalogue/category/books/{folder}/", "../../../../", "../../../")
        yield from listing_pages(Listing(name, way, by_category[name], side, folder), place)
    for index, book in enumerate(books):
        viewed = books[max(0, index - _VIEWED) : index][::-1]
        yield book.path, product_page(book, folders[book.categoria], viewed)

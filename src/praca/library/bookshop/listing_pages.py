"""Listings: all books, and the books of one category, twenty on a page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from praca.library.bookshop.books import ShopBook
from praca.library.bookshop.frame import breadcrumb, cards, notice, page

__all__ = ["PER_PAGE", "Listing", "Place", "listing_pages"]

PER_PAGE = 20


@dataclass(frozen=True, slots=True)
class Place:
    """Where the pages of a listing lie.

    Attributes:
        folder: their folder, from the root of the shop, ending with a slash; empty: the root.
        to_root: the way from there to the root of the shop.
        to_catalogue: the way from there to ``catalogue/``.
        first: name of the first page.
        rest: the way to the folder of the pages after the first, if they lie elsewhere; then only
            the first is written here.
    """

    folder: str
    to_root: str
    to_catalogue: str
    first: str = "index.html"
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A listing, whatever folder its pages are written for.

    Attributes:
        title: shown above it.
        way: names and addresses (from ``catalogue/``) of the listings above it.
        books: all of them, in the order shown.
        categories: pairs of folder and name, for the column at the side.
        current: folder of the category that is listed; None: all books.
    """

    title: str
    way: Sequence[tuple[str, str]]
    books: Sequence[ShopBook]
    categories: Sequence[tuple[str, str]]
    current: str | None = None


def listing_pages(listing: Listing, place: Place) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of each page of ``listing``, at least one."""
    total = max(1, -(-len(listing.books) // PER_PAGE))
    rest = (f"{place.rest}page-{number}.html" for number in range(2, total + 1))
    names = [place.first, *rest]
    side = _side(listing, place)
    for index, name in enumerate(names[:1] if place.rest else names):
        yield place.folder + name, _page(listing, place, names, index, side)


def _page(listing: Listing, place: Place, names: Sequence[str], index: int, side: str) -> bytes:
    shown = listing.books[index * PER_PAGE : (index + 1) * PER_PAGE]
    items = cards(shown, to_catalogue=place.to_catalogue, to_root=place.to_root, columns="col-lg-3")
    links = [
        (f"{place.to_root}index.html", "Home"),
        *((place.to_catalogue + href, name) for href, name in listing.way),
    ]
    body = f"""{breadcrumb(links, listing.title)}
<div class="row">
{side}
<div class="col-sm-8 col-md-9">
<div class="page-header action">
<h1>{escape(listing.title)}</h1>
</div>
<div id="messages">
</div>
<div id="promotions">
</div>
<form method="get" class="form-horizontal">
<div style="display:none">
</div>
{_count(len(listing.books), index, len(names))}
</form>
<section>
{notice()}
<div>
<ol class="row">
{items}</ol>
{_pager(names, index)}</div>
</section>
</div>
</div><!-- /row -->"""
    return page(title=listing.title, up=place.to_root, body=body)


def _count(total: int, index: int, pages: int) -> str:
    if pages == 1:
        return f"<strong>{total}</strong> results."
    first, last = index * PER_PAGE + 1, min(total, (index + 1) * PER_PAGE)
    return (
        f"<strong>{total}</strong> results - showing <strong>{first}</strong> "
        f"to <strong>{last}</strong>."
    )


def _pager(names: Sequence[str], index: int) -> str:
    if len(names) == 1:
        return ""
    before = f'<li class="previous"><a href="{names[index - 1]}">previous</a></li>\n'
    after = f'<li class="next"><a href="{names[min(index + 1, len(names) - 1)]}">next</a></li>\n'
    return f"""<div>
<ul class="pager">
{before if index else ""}<li class="current">
                Page {index + 1} of {len(names)}
            </li>
{after if index + 1 < len(names) else ""}</ul>
</div>
"""


def _side(listing: Listing, place: Place) -> str:
    base = f"{place.to_catalogue}category/"
    items = "".join(
        _side_item(f"{base}books/{folder}/index.html", name, is_current=folder == listing.current)
        for folder, name in listing.categories
    )
    return f"""<aside class="sidebar col-sm-4 col-md-3">
<div id="promotions_left">
</div>
<div class="side_categories">
<ul class="nav nav-list">
<li>
<a href="{base}books_1/index.html">
                                Books
                        </a>
<ul>
{items}</ul></li>
</ul>
</div>
</aside>"""


def _side_item(href: str, name: str, *, is_current: bool) -> str:
    shown = f"<strong>{escape(name)}</strong>" if is_current else escape(name)
    return f"""<li>
<a href="{href}">
                                {shown}
                        </a>
</li>
"""

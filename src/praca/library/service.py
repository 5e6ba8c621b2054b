"""The catalogue's rules: what is a search, what a range of prices, who is told what."""

import math
from collections.abc import Awaitable, Callable, Hashable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final

from praca.kit.paging import Page
from praca.kit.text import bounded, fold
from praca.library import repository
from praca.library.answers import Answer, Answers, Rendered
from praca.library.errors import BookNotFoundError, PriceRangeError, SearchEmptyError
from praca.library.recommending import Recommender
from praca.library.repository import Order
from praca.library.revisions import Revisions
from praca.platform.database.engine import Database

__all__ = ["Catalogue"]

_KEPT_BYTES: Final = 16 * 1024 * 1024
_MOST_CHARS: Final = 200
_LARGEST: Final = 2**63 - 1
"""What PostgreSQL takes for an integer."""


class Catalogue:
    """The books of one process: answers are rendered once per revision of the catalogue.

    Args:
        city: where the books are.
        fresh_s: no answer is older by more seconds than its question: see :class:`Revisions`.
    """

    def __init__(self, city: Database, *, fresh_s: float = 0.0) -> None:
        self._city = city
        self._recommender = Recommender(city)
        self._revisions = Revisions(lambda: repository.read_revision(city), fresh_s=fresh_s)
        self.answers = Answers(self._revisions.current, most_bytes=_KEPT_BYTES)

    async def list_books(self, page: Page) -> Answer:
        """Return a page of the books in the shop, in the order they were first seen."""
        return await self._page(("list", page), page)

    async def search(self, page: Page, titulo: str | None, categoria: str | None) -> Answer:
        """Return a page of the books with these parts in title and category, as in the list.

        Case, accents and blanks at the ends do not count; every other character means itself.

        Raises:
            SearchEmptyError: nothing is left of both.
        """
        parts = {"titulo": _folded(titulo), "categoria": _folded(categoria)}
        filters = {name: part for name, part in parts.items() if part}
        if not filters:
            raise SearchEmptyError
        return await self._page(("search", page, *parts.values()), page, filters=filters)

    async def list_by_price(self, page: Page, least: float, most: float) -> Answer:
        """Return a page of the books that cost ``least`` to ``most``, the cheapest first.

        Raises:
            PriceRangeError: a bound is negative or no number, or they are the wrong way round.
        """
        if not (math.isfinite(least) and math.isfinite(most)) or least < 0 or least > most:
            raise PriceRangeError
        bounds = {"least": _centavos(least, ROUND_CEILING), "most": _centavos(most, ROUND_FLOOR)}
        question = ("price", page, *bounds.values())
        return await self._page(question, page, order=Order.PRICE, filters=bounds)

    async def list_top_rated(self, limit: int) -> Answer:
        """Return so many books with the most stars; among equals the first seen come first."""
        return await self._page(("top", limit), Page(0, limit), order=Order.RATING)

    async def require_book(self, book_id: int) -> Answer:
        """Return all of a book, also of one that the shop no longer has.

        Raises:
            BookNotFoundError: there never was one of this id.
        """
        _check_id(book_id)
        return await self.answers.get(
            ("book", book_id), _required(lambda: repository.read_book(self._city, book_id))
        )

    async def require_prices(self, book_id: int, page: Page) -> Answer:
        """Return a page of a book's prices, the oldest first.

        Raises:
            BookNotFoundError: there never was one of this id.
        """
        _check_id(book_id)
        return await self.answers.get(
            ("prices", book_id, page),
            _required(lambda: repository.read_prices(self._city, book_id, page)),
        )

    async def list_similar(self, book_id: int, limit: int) -> Answer:
        """Return the books in the shop that are most like this one, with reasons.

        Which books those are, and which words they share, may be told from the texts of a
        moment ago, while the index of the newest is built; all else that is said of them is
        never old.

        Raises:
            BookNotFoundError: there never was one of this id.
        """
        _check_id(book_id)
        return await self.answers.get(
            ("similar", book_id, limit), lambda: self._recommender.render(book_id, limit)
        )

    async def list_categories(self) -> Answer:
        """Return the categories that have books, in alphabetical order."""
        return await self.answers.get("categories", lambda: repository.read_categories(self._city))

    async def overview(self) -> Answer:
        """Return the figures of all books in the shop."""
        return await self.answers.get("overview", lambda: repository.read_overview(self._city))

    async def category_statistics(self) -> Answer:
        """Return the figures of each category."""
        return await self.answers.get(
            "category figures", lambda: repository.read_category_statistics(self._city)
        )

    async def _page(
        self,
        question: Hashable,
        page: Page,
        *,
        order: Order = Order.ID,
        filters: dict[str, str] | dict[str, int] | None = None,
    ) -> Answer:
        return await self.answers.get(
            question, lambda: repository.read_page(self._city, page, order, filters)
        )


def _check_id(book_id: int) -> None:
    """Refuse the ids that no book can have.

    Raises:
        BookNotFoundError: this is one.
    """
    if not 0 < book_id <= _LARGEST:
        raise BookNotFoundError


def _required(
    read: Callable[[], Awaitable[Rendered | None]],
) -> Callable[[], Awaitable[Rendered]]:
    async def render() -> Rendered:
        rendered = await read()
        if rendered is None:
            raise BookNotFoundError
        return rendered

    return render


def _folded(text: str | None) -> str:
    return fold(bounded((text or "").replace("\0", ""), _MOST_CHARS)).strip()


def _centavos(amount: float, rounding: str) -> int:
    """Return an amount as it was written, in whole hundredths; none that PostgreSQL cannot take."""
    # The shortest decimal that reads as this number: 51.77 times 100 is more than 5177.
    exact = Decimal(repr(amount)) * 100
    return int(min(exact.to_integral_value(rounding), Decimal(_LARGEST)))

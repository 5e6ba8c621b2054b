"""The features of every book as rows, streamed: what a client trains models of its own on.

Terms, their weights and the shelves are those of the whole catalogue as it is, learned once for
each of its states. Rows are read, made and sent a few hundred at a time, each few in a short
transaction of their own, so that neither memory nor a connection is held for a slow client.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from praca.kit.text import fold, squeeze
from praca.library.ml.data import CATCH_ALL, GOOD_RATING
from praca.library.ml.features import Featurizer, Learning
from praca.library.ml.names import Target
from praca.library.ml.repository import (
    CatalogueState,
    LabelledBook,
    catalogue_state,
    list_books,
)
from praca.platform.database import Database

__all__ = ["FeatureRows", "Rows"]

_BATCH: Final = 200


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of a table: how many there are in all, and the ones asked for as a JSON list."""

    total: int
    content: AsyncIterator[bytes]


class FeatureRows:
    """Makes the rows of one process; keeps what was learned of the catalogue until it changes."""

    def __init__(self, city: Database) -> None:
        self._city = city
        self._learned: dict[Target, tuple[CatalogueState, Featurizer]] = {}
        self._learning = asyncio.Lock()

    async def rows(
        self, target: Target, *, with_target: bool, offset: int, limit: int | None
    ) -> Rows:
        """Return the features for ``target`` of all books, or of a page of them.

        Args:
            target: what they could predict.
            with_target: add the member ``alvo``, and for the rating ``rating``.
            offset: books to leave out at the beginning; they are in the order of their ids.
            limit: most rows; None: all.
        """
        async with self._city.read() as session:
            state = await catalogue_state(session)
        featurizer = await self._featurizer(target, state)
        left = state.books if limit is None else limit
        return Rows(state.books, self._stream(featurizer, with_target, offset, left))

    async def _featurizer(self, target: Target, state: CatalogueState) -> Featurizer | None:
        """Return what is learned of the catalogue in this state; None: it is empty."""
        async with self._learning:
            known = self._learned.get(target)
            if known is None or known[0] != state:
                learning = Learning(target)
                async for books in self._batches(0, state.books):
                    await asyncio.to_thread(_learn, learning, books)
                if not learning.books:
                    return None
                known = self._learned[target] = (state, learning.finish())
            return known[1]

    async def _batches(self, offset: int, left: int) -> AsyncIterator[list[LabelledBook]]:
        after = 0
        while left > 0:
            async with self._city.read() as session:
                books = await list_books(
                    session, after=after, offset=offset, limit=min(_BATCH, left)
                )
            if not books:
                return
            yield [*books]
            after, offset, left = books[-1].id, 0, left - len(books)

    async def _stream(
        self, featurizer: Featurizer | None, with_target: bool, offset: int, left: int
    ) -> AsyncIterator[bytes]:
        yield b"["
        comma = b""
        if featurizer is not None:
            maker = _RowMaker(featurizer, with_target)
            async for books in self._batches(offset, left):
                # The texts of a batch take some 60 ms, long ones more: others go on meanwhile.
                yield comma + await asyncio.to_thread(maker.rows, books)
                comma = b","
        yield b"]"


def _learn(learning: Learning, books: list[LabelledBook]) -> None:
    for book in books:
        learning.add(book.fields, Featurizer.terms(learning.target, book.fields))


class _RowMaker:
    """Makes the JSON of a book's features."""

    def __init__(self, featurizer: Featurizer, with_target: bool) -> None:
        self._featurizer = featurizer
        self._with_target = with_target
        is_rating = featurizer.target is Target.RATING
        prefix = "titulo" if is_rating else "texto"
        self._terms = [f"{prefix}_{term}" for term in featurizer.vocabulary.columns]
        # Of thousands of words a row has some dozens: only a title's are all in every row.
        self._empty: dict[str, float] = dict.fromkeys(self._terms, 0.0) if is_rating else {}
        self._shelves = {f"categoria_{shelf}": 0 for shelf in featurizer.shelves}

    def rows(self, books: Sequence[LabelledBook]) -> bytes:
        """Return the rows of some books, with commas between them."""
        return b",".join([self._row(book) for book in books])

    def _row(self, book: LabelledBook) -> bytes:
        fields, featurizer = book.fields, self._featurizer
        row: dict[str, Any] = {
            "preco": fields.preco,
            "disponibilidade": int(fields.disponibilidade),
            **self._shelves,
            **self._empty,
        }
        if self._shelves:
            row[f"categoria_{fields.categoria}"] = 1
        columns, values = featurizer.vocabulary.transform(
            featurizer.terms(featurizer.target, fields)
        )
        for column, value in zip(columns.tolist(), values.tolist(), strict=True):
            row[self._terms[column]] = round(value, 6)
        if self._with_target:
            row |= _target(featurizer.target, book)
        return orjson.dumps(row)


def _target(target: Target, book: LabelledBook) -> dict[str, Any]:
    if target is Target.RATING:
        return {"rating": book.rating, "alvo": int(book.rating >= GOOD_RATING)}
    is_shelf = squeeze(fold(book.fields.categoria)) not in CATCH_ALL
    return {"alvo": book.fields.categoria if is_shelf else None}

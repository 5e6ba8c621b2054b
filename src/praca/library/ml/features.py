"""From a book to numbers. Learned from training rows alone; without scikit-learn.

What is learned (terms, their idf, the shelves, mean and spread of the price) is learned by
:meth:`Featurizer.fit` from the rows it is given, which in a cross-validation are those of the
training folds. API processes make the same numbers of one book at a time, and load neither
scikit-learn nor scipy for it; the TF-IDF equals that of scikit-learn's ``TfidfVectorizer``.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from praca.learning.artifacts import ArtifactError
from praca.library.ml.data import BookFields
from praca.library.ml.names import Target
from praca.library.ml.terms import terms_of

__all__ = ["Featurizer", "Learning", "Sparse", "Vocabulary"]

Sparse = tuple[NDArray[np.int64], NDArray[np.float64]]
"""The columns that are not 0, and what is in them."""

_MOST_TERMS: Final = {Target.RATING: 200, Target.CATEGORIA: 4000}
"""Of a title the old system kept 200 terms; a shelf is told by more words, and by descriptions."""

_FARTHEST: Final = 5.0
"""Spreads from the mean: a price beyond counts as this far, as a weight times any number would make
every class certain, of books such as no model has learned from."""

_FEWEST_BOOKS: Final = {Target.RATING: 1, Target.CATEGORIA: 2}


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """Terms and how rare each is.

    Attributes:
        columns: term -> column, in alphabetical order.
        idf: float64, shape (terms,): ``ln((1 + rows) / (1 + rows with the term)) + 1``.
    """

    columns: Mapping[str, int]
    idf: NDArray[np.float64]

    def transform(self, terms: Sequence[str]) -> Sparse:
        """Return the TF-IDF of one text, of length one; columns ascend."""
        known = self.columns
        counts = Counter([known[term] for term in terms if term in known])
        columns = np.array(sorted(counts), dtype=np.int64)
        values = np.array([counts[at] for at in columns.tolist()], dtype=np.float64)
        values *= self.idf[columns]
        length = math.sqrt(values @ values)
        return columns, values / length if length else values


class Learning:
    """What a featurizer learns of books, one after the other: counts, and no book.

    Args:
        target: what is to be predicted.
    """

    def __init__(self, target: Target) -> None:
        self.target = target
        self.books = 0
        self._often: Counter[str] = Counter()
        self._texts_with: Counter[str] = Counter()
        self._shelves: set[str] = set()
        self._prices: list[float] = []

    def add(self, book: BookFields, terms: Sequence[str]) -> None:
        """Learn from one more book, of these terms."""
        self.books += 1
        self._often.update(terms)
        self._texts_with.update(set(terms))
        self._prices.append(book.preco)
        if self.target is Target.RATING:
            self._shelves.add(book.categoria)

    def finish(self) -> "Featurizer":
        """Return the featurizer of the books so far; there must be one."""
        prices = np.array(self._prices)
        return Featurizer(
            self.target,
            self._vocabulary(_MOST_TERMS[self.target], _FEWEST_BOOKS[self.target]),
            {shelf: at for at, shelf in enumerate(sorted(self._shelves))},
            float(prices.mean()),
            float(prices.std()) or 1.0,
        )

    def _vocabulary(self, most: int, fewest: int) -> Vocabulary:
        """Keep the ``most`` frequent terms of those in ``fewest`` texts or more.

        Of equally frequent ones the first in alphabetical order are kept.
        """
        often, texts_with = self._often, self._texts_with
        known = [term for term in often if texts_with[term] >= fewest]
        kept = sorted(sorted(known, key=lambda term: (-often[term], term))[:most])
        found = np.array([texts_with[term] for term in kept], dtype=np.float64)
        idf = np.log((1 + self.books) / (1 + found)) + 1
        return Vocabulary({term: at for at, term in enumerate(kept)}, idf)


@dataclass(frozen=True, slots=True, eq=False)
class Featurizer:
    """Makes the row of features of a book.

    Columns: terms, then shelves (for the rating alone), then price and availability.

    Attributes:
        target: what is predicted; it decides what may be looked at.
        vocabulary: of the title; for the shelf of title and description.
        shelves: shelf -> its place; empty where the shelf is what is predicted.
        price_mean: of the training rows.
        price_spread: their standard deviation; 1 if there is none.
    """

    target: Target
    vocabulary: Vocabulary
    shelves: Mapping[str, int]
    price_mean: float
    price_spread: float

    @classmethod
    def fit(
        cls,
        target: Target,
        books: Sequence[BookFields],
        terms: Sequence[list[str]] | None = None,
    ) -> "Featurizer":
        """Learn from ``books``, of which there must be one; ``terms`` saves reading them again."""
        learning = Learning(target)
        for at, book in enumerate(books):
            learning.add(book, cls.terms(target, book) if terms is None else terms[at])
        return learning.finish()

    @staticmethod
    def terms(target: Target, book: BookFields) -> list[str]:
        """Return the terms of what the target may read of ``book``."""
        if target is Target.RATING:
            return terms_of(book.titulo)
        return terms_of(book.titulo) + terms_of(book.descricao)

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.vocabulary.columns) + len(self.shelves) + 2

    def row(self, book: BookFields, terms: Sequence[str] | None = None) -> Sparse:
        """Return the features of one book; columns ascend."""
        columns, values = self.vocabulary.transform(
            self.terms(self.target, book) if terms is None else terms
        )
        begin = len(self.vocabulary.columns)
        more, theirs = [], []
        if book.categoria in self.shelves:
            more.append(begin + self.shelves[book.categoria])
            theirs.append(1.0)
        end = begin + len(self.shelves)
        more += [end, end + 1]
        price = (book.preco - self.price_mean) / self.price_spread
        price = max(-_FARTHEST, min(price, _FARTHEST))
        theirs += [price, float(book.disponibilidade)]
        return (
            np.concatenate([columns, np.array(more, dtype=np.int64)]),
            np.concatenate([values, np.array(theirs)]),
        )

    def matrix(self, books: Sequence[BookFields], terms: Sequence[list[str]] | None = None) -> Any:
        """Return the features of many books, sparse, shape (rows, :attr:`width`)."""
        import scipy.sparse as sp  # noqa: PLC0415  # only training needs it

        given: Sequence[list[str] | None] = [None] * len(books) if terms is None else terms
        rows = [self.row(book, words) for book, words in zip(books, given, strict=True)]
        ends = np.cumsum([0, *(columns.size for columns, _ in rows)])
        columns = np.concatenate([columns for columns, _ in rows])
        values = np.concatenate([values for _, values in rows])
        return sp.csr_matrix((values, columns, ends), shape=(len(rows), self.width))

    def to_json(self) -> dict[str, Any]:
        """Return what was learned, without the idf, which is an array."""
        return {
            "terms": list(self.vocabulary.columns),
            "shelves": list(self.shelves),
            "price_mean": self.price_mean,
            "price_spread": self.price_spread,
        }

    @classmethod
    def from_json(
        cls, target: Target, told: Mapping[str, Any], idf: NDArray[np.float64]
    ) -> "Featurizer":
        """Return what :meth:`to_json` wrote.

        Raises:
            ArtifactError: it does not fit together.
        """
        terms, shelves = _names(told.get("terms")), _names(told.get("shelves"))
        numbers = [told.get("price_mean"), told.get("price_spread")]
        if not all(isinstance(number, float) and math.isfinite(number) for number in numbers):
            raise ArtifactError("Os números do modelo de livros não são números.")
        if idf.shape != (len(terms),) or not np.isfinite(idf).all() or not told["price_spread"] > 0:
            raise ArtifactError("O vocabulário do modelo de livros e seus pesos não conferem.")
        if shelves and target is Target.CATEGORIA:
            raise ArtifactError("O modelo de livros lê o que deve prever.")
        return cls(target, Vocabulary(terms, idf), shelves, *map(float, numbers))  # type: ignore[arg-type]


def _names(listed: Any) -> dict[str, int]:
    """Return the place of each of the distinct names.

    Raises:
        ArtifactError: it is no such list.
    """
    if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
        raise ArtifactError("Uma lista de nomes do modelo de livros não pode ser lida.")
    found = {name: at for at, name in enumerate(listed)}
    if len(found) != len(listed):
        raise ArtifactError("Um nome está duas vezes no modelo de livros.")
    return found

"""What the library's models learn from: the books that the shop has now.

A book's rating is not among its fields: nothing that makes features is given it, so that no
feature can be made of it.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text

from praca.kit.text import fold, squeeze
from praca.library.ml.names import Target
from praca.platform.database import ReadSession

__all__ = [
    "CATCH_ALL",
    "FEWEST_OF_CLASS",
    "GOOD_RATING",
    "BookFields",
    "Books",
    "Examples",
    "fewest_of_class",
    "read_books",
]

CATCH_ALL: Final = frozenset({"default", "add a comment", "sem categoria", "outros", "other"})
"""Shelves that are none, folded: what the shop put nowhere else says nothing of a book."""

FEWEST_OF_CLASS: Final = 10
"""Titles a class needs at least, however few the folds: fewer say too little of a class."""

GOOD_RATING: Final = 4
"""Stars from which on a book's rating counts as high, as in the old system."""

_BATCH: Final = 500
_QUERY: Final = """
SELECT upc, titulo, descricao, preco_centavos, disponibilidade, categoria, rating
FROM library.books WHERE absent_since IS NULL ORDER BY upc
"""


@dataclass(frozen=True, slots=True)
class BookFields:
    """All that a model may know of a book.

    Attributes:
        titulo: its title.
        preco: in the shop's currency.
        disponibilidade: whether it can be bought.
        categoria: its shelf; no model that predicts the shelf looks at it.
        descricao: what the shop tells of it; empty if nothing is known.
    """

    titulo: str
    preco: float
    disponibilidade: bool
    categoria: str
    descricao: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Books with the class that a target gives each.

    Attributes:
        target: what is predicted.
        fields: of each book.
        labels: int64, shape (rows,), the class of each.
        classes: the name of each class, sorted.
        groups: int64, shape (rows,): books of one title are one group.
        marks: uint64, shape (rows,), by which a book is known again; no part of any feature.
        left_out: how many books of which class were left out.
    """

    target: Target
    fields: tuple[BookFields, ...]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]
    groups: NDArray[np.int64]
    marks: NDArray[np.uint64]
    left_out: Mapping[str, int] = field(default_factory=dict)

    def digest(self) -> str:
        """Return the SHA-256 of the data: equal data have equal digests."""
        digest = hashlib.sha256(repr((self.target.value, self.classes)).encode())
        digest.update(self.labels.tobytes() + self.marks.tobytes())
        for book in self.fields:
            told = repr(
                (book.titulo, book.preco, book.disponibilidade, book.categoria, book.descricao)
            )
            digest.update(hashlib.sha256(told.encode("utf-8", "surrogatepass")).digest())
        return digest.hexdigest()


@dataclass(frozen=True, slots=True, eq=False)
class Books:
    """The catalogue as it was read.

    Attributes:
        fields: of each book.
        ratings: int64, shape (rows,), stars from 0 to 5; only labels are made of them.
        marks: uint64, shape (rows,), of each book's number in the shop.
    """

    fields: tuple[BookFields, ...]
    ratings: NDArray[np.int64]
    marks: NDArray[np.uint64]

    @classmethod
    def of(cls, rows: Iterable[Sequence[Any]]) -> "Books":
        """Make it of rows: UPC, title, description, hundredths, availability, shelf, rating."""
        read = list(rows)
        return cls(
            tuple(
                BookFields(title, cents / 100, available, shelf, description)
                for _, title, description, cents, available, shelf, _ in read
            ),
            np.array([row[6] for row in read], dtype=np.int64),
            np.array([_mark(row[0]) for row in read], dtype=np.uint64),
        )

    def examples(self, target: Target, *, fewest: int = FEWEST_OF_CLASS) -> Examples:
        """Label the books for one target; those of classes without a meaning are left out.

        Books of catch-all shelves (:data:`CATCH_ALL`) and of shelves of fewer than ``fewest``
        titles (:func:`fewest_of_class`) are in no class, and counted.
        """
        if target is Target.RATING:
            names = np.where(self.ratings >= GOOD_RATING, "1", "0").astype(object)
        else:
            names = np.array([book.categoria for book in self.fields], dtype=object)
        groups = _groups(self.fields)
        left_out = _unusable(names, groups, fewest) if target is Target.CATEGORIA else {}
        kept = np.array([name not in left_out for name in names], dtype=np.bool_)
        classes = tuple(sorted({str(name) for name in names[kept]}))
        code = {name: at for at, name in enumerate(classes)}
        return Examples(
            target=target,
            fields=tuple(book for book, keep in zip(self.fields, kept, strict=True) if keep),
            labels=np.array([code[name] for name in names[kept]], dtype=np.int64),
            classes=classes,
            groups=groups[kept],
            marks=self.marks[kept],
            left_out=left_out,
        )


def _mark(upc: str) -> int:
    return int.from_bytes(hashlib.sha256(upc.encode()).digest()[:8])


def _groups(fields: Sequence[BookFields]) -> NDArray[np.int64]:
    """Return the same number for books of one title: an edition tells of another."""
    seen: dict[str, int] = {}
    found = [seen.setdefault(squeeze(fold(book.titulo)), len(seen)) for book in fields]
    return np.array(found, dtype=np.int64)


def fewest_of_class(folds: int) -> int:
    """Return how many titles a class needs, so that every fold has two of it to be asked about."""
    return max(FEWEST_OF_CLASS, 2 * folds)


def _unusable(names: NDArray[np.object_], groups: NDArray[np.int64], fewest: int) -> dict[str, int]:
    """Return the shelves that are no class, and how many books each has."""
    books = Counter(map(str, names))
    titles = Counter(str(name) for name, _ in set(zip(names, groups.tolist(), strict=True)))
    return {
        name: books[name]
        for name in sorted(books)
        if squeeze(fold(name)) in CATCH_ALL or titles[name] < fewest
    }


async def read_books(session: ReadSession) -> Books:
    """Read every book that the shop has, in the order of its numbers."""
    result = await session.stream(text(_QUERY), execution_options={"yield_per": _BATCH})
    return Books.of([tuple(row) async for row in result])

"""What is kept of a column so that a later one can be compared with it without its rows.

A sketch is learned once, on the reference: that fixes its cells. After that rows are only counted,
in batches of any size and order: counting the parts and adding the sketches gives what counting the
whole gives. A sketch holds numbers and the names of categories: no text, no code of anybody.

What the discretisation of numbers costs: between the edges of a cell only the counts are known, so
a distance between two distributions that is read at the edges falls short of the true one by at
most the reference's share in one cell, 1/256 for distinct values, and never exceeds it. Columns of
fewer than 256 distinct values have an edge at each, and lose nothing.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from praca.learning.drift.vectors import mixed

__all__ = ["CategorySketch", "NumericSketch", "Sketch", "SketchError", "TextSketch"]

_CELLS: Final = 256
_CATEGORIES: Final = 60
_BUCKETS: Final = 1024
_LONGEST_NAME: Final = 80
_MOST: Final = 2**53  # counts stay exact in JSON readers


class SketchError(ValueError):
    """Two sketches have other cells, or a stored one is not of the expected form."""


@dataclass(frozen=True, slots=True, eq=False)
class NumericSketch:
    """How many numbers fell between the quantiles of the reference.

    Attributes:
        edges: float64, ascending, shape (cells - 1,). Cell i holds the numbers x with
            ``edges[i - 1] < x <= edges[i]``; the outermost ones what the reference never reached.
        counts: int64, shape (cells,).
        missing: how many were NaN.
    """

    edges: NDArray[np.float64]
    counts: NDArray[np.int64]
    missing: int = 0

    @classmethod
    def learn(cls, values: ArrayLike, cells: int = _CELLS) -> Self:
        """Return an empty sketch whose cells hold equal shares of ``values``, NaN left out."""
        known = np.asarray(values, dtype=np.float64)
        known = known[np.isfinite(known)]
        if not known.size:
            return cls(np.empty(0), np.zeros(1, np.int64))
        distinct = np.unique(known)
        if distinct.size >= cells:
            shares = np.linspace(0, 1, cells + 1)
            distinct = np.unique(np.quantile(known, shares, method="inverted_cdf"))
        below = np.nextafter(distinct[0], -np.inf)
        edges = np.concatenate([[below], distinct])
        return cls(edges, np.zeros(edges.size + 1, np.int64))

    def counted(self, values: ArrayLike) -> Self:
        """Return the sketch of ``values`` alone, with the same cells."""
        given = np.asarray(values, dtype=np.float64)
        is_missing = np.isnan(given)
        missing = int(np.count_nonzero(is_missing))
        at = np.searchsorted(self.edges, given[~is_missing] if missing else given, side="left")
        counts = np.bincount(at, minlength=self.edges.size + 1).astype(np.int64)
        return type(self)(self.edges, counts, missing)

    def __add__(self, other: Self) -> Self:
        """Return the sketch of the rows of both.

        Raises:
            SketchError: they have other cells.
        """
        if not np.array_equal(self.edges, other.edges):
            raise SketchError("sketches with other edges cannot be added")
        return type(self)(self.edges, self.counts + other.counts, self.missing + other.missing)

    @property
    def rows(self) -> int:
        """How many rows were counted, those missing included."""
        return int(self.counts.sum()) + self.missing

    def to_json(self) -> dict[str, Any]:
        """Return the state as plain JSON values."""
        return {
            "kind": "numeric",
            "edges": self.edges.tolist(),
            "counts": self.counts.tolist(),
            "missing": self.missing,
        }

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Self:
        """Rebuild from :meth:`to_json`.

        Raises:
            SketchError: the state is not of that form.
        """
        edges = _numbers(state, "edges", _CELLS + 2)
        counts = _counts(state, "counts")
        if counts.size != edges.size + 1 or not np.all(np.diff(edges) > 0):
            raise SketchError("edges must ascend, with one cell more than edges")
        return cls(edges, counts, _count(state, "missing"))


@dataclass(frozen=True, slots=True, eq=False)
class CategorySketch:
    """How often each of the reference's commonest categories occurred.

    Attributes:
        categories: their names, the commonest of the reference first.
        counts: int64, shape (categories + 1,); the last: all others.
        missing: how many were None.
    """

    categories: tuple[str, ...]
    counts: NDArray[np.int64]
    missing: int = 0

    @classmethod
    def learn(cls, values: Iterable[str | None], most: int = _CATEGORIES) -> Self:
        """Return an empty sketch of the ``most`` commonest categories, ties by name."""
        found = Counter(value[:_LONGEST_NAME] for value in values if value is not None)
        names = sorted(found, key=lambda name: (-found[name], name))[:most]
        return cls(tuple(names), np.zeros(len(names) + 1, np.int64))

    def counted(self, values: Iterable[str | None]) -> Self:
        """Return the sketch of ``values`` alone, with the same categories."""
        places = {name: at for at, name in enumerate(self.categories)}
        counts = np.zeros(len(self.categories) + 1, np.int64)
        missing = 0
        for value, times in Counter(values).items():
            if value is None:
                missing += times
            else:
                counts[places.get(value[:_LONGEST_NAME], -1)] += times
        return type(self)(self.categories, counts, missing)

    def __add__(self, other: Self) -> Self:
        """Return the sketch of the rows of both.

        Raises:
            SketchError: they have other categories.
        """
        if self.categories != other.categories:
            raise SketchError("sketches with other categories cannot be added")
        return type(self)(self.categories, self.counts + other.counts, self.missing + other.missing)

    @property
    def rows(self) -> int:
        """How many rows were counted, those missing included."""
        return int(self.counts.sum()) + self.missing

    def to_json(self) -> dict[str, Any]:
        """Return the state as plain JSON values."""
        return {
            "kind": "category",
            "categories": list(self.categories),
            "counts": self.counts.tolist(),
            "missing": self.missing,
        }

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Self:
        """Rebuild from :meth:`to_json`.

        Raises:
            SketchError: the state is not of that form.
        """
        names, counts = state.get("categories"), _counts(state, "counts")
        if (
            not isinstance(names, list)
            or not all(isinstance(name, str) and len(name) <= _LONGEST_NAME for name in names)
            or len(set(names)) != len(names)
            or counts.size != len(names) + 1
        ):
            raise SketchError("categories must be distinct short names, with one count more")
        return cls(tuple(names), counts, _count(state, "missing"))


@dataclass(frozen=True, slots=True, eq=False)
class TextSketch:
    """Statistics of texts that were turned into numbers of terms.

    Attributes:
        lengths: of the number of distinct terms of a text.
        unfamiliar: of the share of them that the model hardly knows.
        buckets: int64, shape (1024,): in how many texts a term of that hash occurs.
        documents: how many texts have a term at all.
    """

    lengths: NumericSketch
    unfamiliar: NumericSketch
    buckets: NDArray[np.int64]
    documents: int = 0

    @classmethod
    def learn(cls, texts: Sequence[NDArray[np.int64]], unfamiliar: ArrayLike) -> Self:
        """Return an empty sketch with the cells that fit what is given.

        Args:
            texts: distinct term numbers of each.
            unfamiliar: share of the terms of each that the model hardly knows; NaN if empty.
        """
        lengths = [text.size for text in texts]
        return cls(
            NumericSketch.learn(lengths),
            NumericSketch.learn(unfamiliar),
            np.zeros(_BUCKETS, np.int64),
        )

    def counted(self, texts: Sequence[NDArray[np.int64]], unfamiliar: ArrayLike) -> Self:
        """Return the sketch of ``texts`` alone, with the same cells; arguments as :meth:`learn`."""
        sizes = [text.size for text in texts]
        numbers = np.concatenate(texts) if texts else np.empty(0, np.int64)
        # The high bits of a product mix well; the low ones would keep the order of the numbers.
        buckets = (mixed(numbers.astype(np.uint64)) >> np.uint64(54)).astype(np.int64)
        pairs = np.unique(np.repeat(np.arange(len(texts)), sizes) * _BUCKETS + buckets)
        return type(self)(
            self.lengths.counted(sizes),
            self.unfamiliar.counted(unfamiliar),
            np.bincount(pairs % _BUCKETS, minlength=_BUCKETS).astype(np.int64),
            int(np.count_nonzero(sizes)),
        )

    def __add__(self, other: Self) -> Self:
        """Return the sketch of the rows of both.

        Raises:
            SketchError: they have other cells.
        """
        return type(self)(
            self.lengths + other.lengths,
            self.unfamiliar + other.unfamiliar,
            self.buckets + other.buckets,
            self.documents + other.documents,
        )

    @property
    def rows(self) -> int:
        """How many texts were counted, empty ones included."""
        return self.lengths.rows

    def to_json(self) -> dict[str, Any]:
        """Return the state as plain JSON values."""
        return {
            "kind": "text",
            "lengths": self.lengths.to_json(),
            "unfamiliar": self.unfamiliar.to_json(),
            "buckets": self.buckets.tolist(),
            "documents": self.documents,
        }

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Self:
        """Rebuild from :meth:`to_json`.

        Raises:
            SketchError: the state is not of that form.
        """
        buckets, documents = _counts(state, "buckets"), _count(state, "documents")
        if buckets.size != _BUCKETS or buckets.max() > documents:
            raise SketchError("a term cannot occur in more texts than there are")
        lengths, unfamiliar = (state.get(name) for name in ("lengths", "unfamiliar"))
        if not isinstance(lengths, Mapping) or not isinstance(unfamiliar, Mapping):
            raise SketchError("a text's sketch holds two of numbers")
        return cls(
            NumericSketch.from_json(lengths),
            NumericSketch.from_json(unfamiliar),
            buckets,
            documents,
        )


Sketch = NumericSketch | CategorySketch | TextSketch


def _count(state: Mapping[str, Any], name: str) -> int:
    value = state.get(name)
    if type(value) is not int or not 0 <= value <= _MOST:
        raise SketchError(f"{name} must be a count")
    return value


def _counts(state: Mapping[str, Any], name: str) -> NDArray[np.int64]:
    values = state.get(name)
    if (
        not isinstance(values, list)
        or len(values) > _BUCKETS
        or not all(type(value) is int and 0 <= value <= _MOST for value in values)
    ):
        raise SketchError(f"{name} must be a list of counts")
    return np.array(values, dtype=np.int64)


def _numbers(state: Mapping[str, Any], name: str, most: int) -> NDArray[np.float64]:
    values = state.get(name)
    if (
        not isinstance(values, list)
        or len(values) > most
        or not all(type(value) in {int, float} for value in values)
    ):
        raise SketchError(f"{name} must be a list of numbers")
    try:
        numbers = np.array(values, dtype=np.float64)
    except OverflowError as error:
        raise SketchError(f"{name} must be a list of numbers") from error
    if not np.isfinite(numbers).all():
        raise SketchError(f"{name} must be finite")
    return numbers

"""Posting lists with several weights per posting: the exact index behind every text score.

A document is a set of term numbers with a small vector of weights ("channels") for each. The score
of a query, which has the same form, is the sum over shared terms of the dot product of the two
vectors. One channel gives plain BM25 or TF-IDF; several give several similarities at the price of
one pass. Only the lists of the query's terms are read.
"""

from collections.abc import Sequence
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["Postings"]

_LONG_LISTS: Final = 150
"""So many postings on average pay for copying lists one by one (measured)."""


class Postings:
    """Immutable posting lists of a block of documents.

    Args:
        terms: int64, shape (t,), sorted distinct term numbers that occur.
        starts: int64, shape (t + 1,), where each term's postings begin.
        documents: int32, shape (p,), document positions; distinct within a term.
        weights: float32, shape (p, channels).
        size: number of documents.

    Raises:
        ValueError: the shapes or bounds do not fit together.
    """

    __slots__ = ("documents", "size", "starts", "terms", "weights")

    def __init__(
        self,
        terms: NDArray[np.int64],
        starts: NDArray[np.int64],
        documents: NDArray[np.int32],
        weights: NDArray[np.float32],
        size: int,
    ) -> None:
        fits = (
            starts.shape == (terms.size + 1,)
            and weights.ndim == 2  # noqa: PLR2004
            and documents.shape == weights.shape[:1]
            and (starts[0], starts[-1]) == (0, documents.size)
            and bool(np.all(np.diff(starts) >= 0))
            and bool(np.all(np.diff(terms) > 0))
            and (documents.size == 0 or (documents.min() >= 0 and documents.max() < size))
        )
        if not fits:
            raise ValueError("posting lists are inconsistent")
        self.terms = terms
        self.starts = starts
        self.documents = documents
        self.weights = weights
        self.size = size

    @classmethod
    def from_documents(
        cls, documents: Sequence[tuple[NDArray[np.int64], NDArray[np.float32]]], channels: int
    ) -> Self:
        """Build from one (term numbers (n,), weights (n, channels)) pair per document."""
        lengths = np.array([terms.size for terms, _ in documents], dtype=np.int64)
        if lengths.sum() == 0:
            return cls._sorted(
                np.empty(0, np.int64),
                np.empty(0, np.int32),
                np.empty((0, channels), np.float32),
                len(documents),
            )
        return cls._sorted(
            np.concatenate([terms for terms, _ in documents]),
            np.repeat(np.arange(len(documents), dtype=np.int32), lengths),
            np.concatenate([weights for _, weights in documents]),
            len(documents),
        )

    @classmethod
    def merge(cls, blocks: Sequence[Self], keep: Sequence[NDArray[np.bool_]]) -> Self:
        """Return one block with the kept documents of all, in order."""
        terms, positions, weights = [], [], []
        offset = 0
        for block, alive in zip(blocks, keep, strict=True):
            new = np.cumsum(alive, dtype=np.int64) - 1 + offset
            chosen = alive[block.documents]
            terms.append(np.repeat(block.terms, np.diff(block.starts))[chosen])
            positions.append(new[block.documents[chosen]].astype(np.int32))
            weights.append(block.weights[chosen])
            offset += int(np.count_nonzero(alive))
        return cls._sorted(
            np.concatenate(terms), np.concatenate(positions), np.concatenate(weights), offset
        )

    @classmethod
    def _sorted(
        cls,
        terms: NDArray[np.int64],
        documents: NDArray[np.int32],
        weights: NDArray[np.float32],
        size: int,
    ) -> Self:
        order = np.argsort(terms, kind="stable")
        distinct, counts = np.unique(terms, return_counts=True)
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts, dtype=np.int64)])
        return cls(distinct, starts, documents[order], weights[order], size)

    @property
    def nbytes(self) -> int:
        """Bytes held by the arrays."""
        return sum(a.nbytes for a in (self.terms, self.starts, self.documents, self.weights))

    def scores(self, terms: NDArray[np.int64], weights: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the score of every document, shape (size,).

        Args:
            terms: distinct term numbers of the query, shape (q,).
            weights: shape (q, channels).
        """
        if self.terms.size == 0 or terms.size == 0:
            return np.zeros(self.size)
        at = np.searchsorted(self.terms, terms)
        at[at == self.terms.size] = 0
        found = np.flatnonzero(self.terms[at] == terms)
        begins, ends = self.starts[at[found]], self.starts[at[found] + 1]
        if not begins.size:
            return np.zeros(self.size)
        if self.weights.shape[1] == 1:
            positions, values = self._one_channel(begins, ends - begins, weights[found, 0])
        else:
            slices = list(zip(begins.tolist(), ends.tolist(), weights[found], strict=True))
            values = np.concatenate([self.weights[i:j] @ weight for i, j, weight in slices])
            positions = np.concatenate([self.documents[i:j] for i, j, _ in slices])
        totals = np.bincount(positions, weights=values, minlength=self.size)
        return totals.astype(np.float64, copy=False)

    def _one_channel(
        self, begins: NDArray[np.int64], lengths: NDArray[np.int64], weights: NDArray[np.float32]
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Return positions and products of all lists at once: queries of many terms gain most."""
        values, total = self.weights[:, 0], int(lengths.sum())
        if total > _LONG_LISTS * lengths.size:  # copied whole, at a price for each list
            ends = (begins + lengths).tolist()
            lists = [slice(*pair) for pair in zip(begins.tolist(), ends, strict=True)]
            positions = np.concatenate([self.documents[one] for one in lists])
            found = np.concatenate([values[one] for one in lists])
        else:  # picked one by one, at a price for each posting
            before = np.cumsum(lengths) - lengths
            each = np.arange(total) + np.repeat(begins - before, lengths)
            positions, found = self.documents.take(each), values.take(each)
        return positions, found * np.repeat(weights, lengths)

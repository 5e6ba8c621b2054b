"""Texts read once for many fits. Loads scikit-learn: only training imports it.

Reading texts is nearly all the work of fitting a TF-IDF vectoriser, cross-validation reads each
text once for every fold and value of C, and the same vacancy and CV come back in many
applications. Here every distinct text is read once. What a fold learns from it (which terms, and
their idf) is learned from the fold's training rows alone, as ``TfidfVectorizer`` learns it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

__all__ = ["TermCounts", "Vectorizer"]


@dataclass(frozen=True, slots=True)
class Vectorizer:
    """The parameters of one text's vectoriser, as scikit-learn names them."""

    max_features: int
    ngram_range: tuple[int, int]
    min_df: float
    max_df: float


@dataclass(frozen=True, slots=True, eq=False)
class TermCounts:
    """How often each term is in each distinct text, and which text each row has.

    Attributes:
        counts: float32, sparse, shape (texts, terms), terms in alphabetical order.
        text_of: int64, shape (rows,).
        parameters: of the vectoriser that is imitated.
    """

    counts: Any
    text_of: NDArray[np.int64]
    parameters: Vectorizer

    @classmethod
    def of(cls, texts: NDArray[np.object_], parameters: Vectorizer) -> "TermCounts":
        """Count the terms of ``texts``, shape (rows,).

        Raises:
            ValueError: there is no term in any of them.
        """
        distinct, text_of = np.unique(texts, return_inverse=True)
        vectorizer = CountVectorizer(
            ngram_range=parameters.ngram_range, strip_accents="unicode", dtype=np.float32
        )
        return cls(sp.csr_matrix(vectorizer.fit_transform(distinct)), text_of, parameters)

    def features(self, train: NDArray[np.int64], test: NDArray[np.int64]) -> tuple[Any, Any]:
        """Return the TF-IDF of the ``train`` and ``test`` rows, learned from ``train`` alone.

        Raises:
            ValueError: the parameters leave no term.
        """
        fitted = self.counts[self.text_of[train]]
        kept = self._kept(fitted)
        weights = TfidfTransformer()
        return (
            weights.fit_transform(fitted[:, kept]),
            weights.transform(self.counts[self.text_of[test]][:, kept]),
        )

    def _kept(self, fitted: Any) -> NDArray[np.int64]:
        """Return the columns a vectoriser fitted on these rows would keep, ties included."""
        found = np.bincount(fitted.indices, minlength=fitted.shape[1])
        asked, rows = self.parameters, fitted.shape[0]
        low = asked.min_df if isinstance(asked.min_df, int) else asked.min_df * rows
        high = asked.max_df if isinstance(asked.max_df, int) else asked.max_df * rows
        columns = np.flatnonzero((found > 0) & (found >= low) & (found <= high))
        if columns.size == 0:
            raise ValueError("no terms remain")
        if columns.size > asked.max_features:
            often = np.asarray(fitted.sum(axis=0)).ravel()[columns]
            columns = np.sort(columns[(-often).argsort()[: asked.max_features]])
        return columns

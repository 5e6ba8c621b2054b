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

from praca.jobs.hiring.texts import WORD

__all__ = ["TermCounts", "Vectorizer"]


@dataclass(frozen=True, slots=True)
class Vectorizer:
    """The parameters of one text's vectoriser, as scikit-learn names them, and one of our own.

    Attributes:
        max_features: terms that are kept, the most frequent ones.
        ngram_range: shortest and longest term in words.
        min_df: rows a term must be in; a whole number, or a share with a point.
        max_df: rows it may be in, likewise.
        min_sources: distinct people or vacancies a term must come from, whatever ``min_df`` says:
            rows are applications, and one person's name is in all of that person's.
    """

    max_features: int
    ngram_range: tuple[int, int]
    min_df: float
    max_df: float
    min_sources: int


@dataclass(frozen=True, slots=True, eq=False)
class TermCounts:
    """How often each term is in each distinct text, and which text each row has.

    Terms that could never be kept, as they come from too few sources, are not in it.

    Attributes:
        counts: float32, sparse, shape (texts, terms), terms in alphabetical order.
        text_of: int64, shape (rows,).
        sources: int64, shape (rows,), the code of the person or vacancy each row's text is of.
        parameters: of the vectoriser that is imitated.
    """

    counts: Any
    text_of: NDArray[np.int64]
    sources: NDArray[np.int64]
    parameters: Vectorizer

    @classmethod
    def of(
        cls, texts: NDArray[np.object_], sources: NDArray[np.int64], parameters: Vectorizer
    ) -> tuple["TermCounts", NDArray[np.object_]]:
        """Count the terms of ``texts``, shape (rows,); also return the terms, shape (terms,).

        Fits are given the counts alone: they need no terms, and a cluster would have to copy them.

        Raises:
            ValueError: there is no term in any of them.
        """
        distinct, text_of = np.unique(texts, return_inverse=True)
        vectorizer = CountVectorizer(
            ngram_range=parameters.ngram_range,
            strip_accents="unicode",
            token_pattern=WORD,
            dtype=np.float32,
        )
        counts = sp.csr_matrix(vectorizer.fit_transform(distinct))
        common = _sources_of(counts, text_of, sources) >= parameters.min_sources
        found = cls(counts[:, common], text_of, sources, parameters)
        return found, vectorizer.get_feature_names_out()[common]

    def features(self, train: NDArray[np.int64], test: NDArray[np.int64]) -> tuple[Any, Any]:
        """Return the TF-IDF of the ``train`` and ``test`` rows, learned from ``train`` alone.

        Raises:
            ValueError: the parameters leave no term.
        """
        fitted = self.counts[self.text_of[train]]
        kept = self.kept(train)
        weights = TfidfTransformer()
        return (
            weights.fit_transform(fitted[:, kept]),
            weights.transform(self.counts[self.text_of[test]][:, kept]),
        )

    def kept(self, train: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the columns that are learned from these rows, as by a vectoriser, ties included.

        Raises:
            ValueError: the parameters leave no term.
        """
        fitted = self.counts[self.text_of[train]]
        sources = _sources_of(self.counts, self.text_of[train], self.sources[train])
        found = np.bincount(fitted.indices, minlength=fitted.shape[1])
        asked, rows = self.parameters, fitted.shape[0]
        low = asked.min_df if isinstance(asked.min_df, int) else asked.min_df * rows
        high = asked.max_df if isinstance(asked.max_df, int) else asked.max_df * rows
        columns = np.flatnonzero(
            (found > 0) & (found >= low) & (found <= high) & (sources >= asked.min_sources)
        )
        if columns.size == 0:
            raise ValueError("no terms remain")
        if columns.size > asked.max_features:
            often = np.asarray(fitted.sum(axis=0)).ravel()[columns]
            columns = np.sort(columns[(-often).argsort()[: asked.max_features]])
        return columns


def _sources_of(
    counts: Any, text_of: NDArray[np.int64], sources: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return from how many distinct sources each term comes, for rows of these texts."""
    pairs = np.unique(np.stack([sources, text_of]), axis=1)
    _, source_at = np.unique(pairs[0], return_inverse=True)
    ones = np.ones(pairs.shape[1], dtype=np.float32)
    members = sp.csr_matrix(
        (ones, (source_at, pairs[1])), shape=(source_at.max() + 1, counts.shape[0])
    )
    return np.bincount((members @ counts).indices, minlength=counts.shape[1])

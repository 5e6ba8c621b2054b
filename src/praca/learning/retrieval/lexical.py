"""Exact lexical retrieval: BM25 over weighted fields, and TF-IDF with cosine."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from praca.learning.retrieval.postings import Postings
from praca.learning.retrieval.vocabulary import Vocabulary

__all__ = ["BM25", "TfIdf", "best"]

Terms: TypeAlias = Sequence[str]


def best(scores: NDArray[np.float64], top: int) -> list[tuple[int, float]]:
    """Return the ``top`` highest (position, score); equal scores in order of position."""
    top = min(top, scores.size)
    if top <= 0:
        return []
    # Everything at or above the top-th score, so that ties at the border are settled by position.
    border = np.partition(scores, scores.size - top)[scores.size - top]
    candidates = np.flatnonzero(scores >= border)
    order = candidates[np.argsort(-scores[candidates], kind="stable")[:top]]
    return [(int(position), float(scores[position])) for position in order]


class BM25:
    """BM25 over one or more weighted fields ("simple BM25F").

    A term's frequency is the sum over fields of weight times frequency, each normalised by that
    field's length; with one field of weight 1 this is plain BM25. Source: Robertson, Zaragoza,
    "The probabilistic relevance framework: BM25 and beyond" (2009), sections 3.1 and 3.6.

    Args:
        k1: how soon repeating a term stops counting.
        b: how much length is held against a document, 0 to 1.
        field_weights: weight of each field; fields not named weigh 1.
        saturate_query: dampen repeated query terms to 1 + ln(tf) (for queries as long as
            documents).
    """

    vocabulary_: Vocabulary
    postings_: Postings

    def __init__(
        self,
        *,
        k1: float = 1.2,
        b: float = 0.75,
        field_weights: Mapping[str, float] | None = None,
        saturate_query: bool = False,
    ) -> None:
        self.k1 = k1
        self.b = b
        self.field_weights = dict(field_weights or {})
        self.saturate_query = saturate_query

    def fit(
        self, fields: Mapping[str, Sequence[Terms]], vocabulary: Vocabulary | None = None
    ) -> Self:
        """Index documents: for each field, one list of terms per document, all in one order.

        Args:
            fields: at least one field; all of one length.
            vocabulary: fitted one, to take rarities from a larger corpus.

        Raises:
            ValueError: no field, or fields of different lengths.
        """
        sizes = {len(documents) for documents in fields.values()}
        if len(sizes) != 1:
            raise ValueError("fields must hold one list of terms per document")
        if vocabulary is None:
            vocabulary = Vocabulary().fit(
                [term for terms in parts for term in terms]
                for parts in zip(*fields.values(), strict=True)
            )
        self.vocabulary_ = vocabulary
        self._idf = vocabulary.bm25_idf()
        means = {
            name: max(1.0, float(np.mean([len(terms) for terms in documents] or [0])))
            for name, documents in fields.items()
        }
        self.postings_ = Postings.from_documents(
            [
                self._document(dict(zip(fields, parts, strict=True)), means)
                for parts in zip(*fields.values(), strict=True)
            ],
            channels=1,
        )
        return self

    def _document(
        self, parts: Mapping[str, Terms], means: Mapping[str, float]
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        frequency: Counter[int] = Counter()
        for name, terms in parts.items():
            norm = 1 - self.b + self.b * len(terms) / means[name]
            weight = self.field_weights.get(name, 1.0) / norm if norm > 0 else 0.0
            for number, count in self.vocabulary_.count(terms).items():
                frequency[number] += weight * count  # type: ignore[assignment]
        numbers, counts = _arrays(frequency)
        saturated = counts * (self.k1 + 1) / (counts + self.k1)
        weights = saturated * self._idf[np.minimum(numbers, self._idf.size - 1)]
        return numbers, weights.astype(np.float32)[:, None]

    def scores(self, query: Terms) -> NDArray[np.float64]:
        """Return the score of every document for the query's terms, shape (documents,)."""
        numbers, counts = _arrays(self.vocabulary_.count(query))
        if self.saturate_query:
            counts = 1 + np.log(counts)
        return self.postings_.scores(numbers, counts.astype(np.float32)[:, None])

    def weighted(self, query: Mapping[str, float]) -> NDArray[np.float64]:
        """Return the score of every document for terms that weigh differently, shape (documents,).

        Terms not indexed count nothing.
        """
        return self.weighted_numbers(*self.vocabulary_.weigh(query))

    def weighted_numbers(
        self, numbers: NDArray[np.int64], weights: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Do what :meth:`weighted` does, with terms that the vocabulary has looked up already."""
        return self.postings_.scores(numbers, weights.astype(np.float32)[:, None])

    def search(self, query: Terms, top: int) -> list[tuple[int, float]]:
        """Return the ``top`` best (position, score) among documents that share a term."""
        return [(at, score) for at, score in best(self.scores(query), top) if score > 0]


class TfIdf:
    """TF-IDF vectors of unit length with sublinear term frequency; scores are cosines.

    The weights are those of scikit-learn's ``TfidfVectorizer(sublinear_tf=True)``.
    """

    vocabulary_: Vocabulary
    postings_: Postings

    def fit(self, documents: Sequence[Terms], vocabulary: Vocabulary | None = None) -> Self:
        """Index one list of terms per document; rarities from ``vocabulary`` if given."""
        self.vocabulary_ = vocabulary or Vocabulary().fit(documents)
        self._idf = self.vocabulary_.smooth_idf()
        self.postings_ = Postings.from_documents(
            [self.vector(terms) for terms in documents], channels=1
        )
        return self

    def fit_counts(
        self,
        documents: Iterable[tuple[NDArray[np.int64], NDArray[np.float64]]],
        vocabulary: Vocabulary,
    ) -> Self:
        """Index documents counted elsewhere: (distinct term numbers (n,), counts (n,)) of each."""
        self.vocabulary_ = vocabulary
        self._idf = vocabulary.smooth_idf()
        self.postings_ = Postings.from_documents(
            [self._weighed(numbers, counts) for numbers, counts in documents], channels=1
        )
        return self

    def vector(self, terms: Terms) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return (term numbers (n,), weights (n, 1)) of unit length; empty text is empty."""
        return self._weighed(*_arrays(self.vocabulary_.count(terms)))

    def _weighed(
        self, numbers: NDArray[np.int64], counts: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        weights = (1 + np.log(counts)) * self._idf[np.minimum(numbers, self._idf.size - 1)]
        norm = float(np.linalg.norm(weights))
        return numbers, (weights / norm if norm else weights).astype(np.float32)[:, None]

    def scores(self, query: Terms) -> NDArray[np.float64]:
        """Return the cosine of every document with the query, shape (documents,)."""
        return self.postings_.scores(*self.vector(query))

    def weighted(self, query: Mapping[str, float]) -> NDArray[np.float64]:
        """Return the cosine of every document with terms that weigh differently.

        A weight takes the place of the term's frequency; terms never indexed are left out of the
        query's length, so the cosine is that of what is known of it.
        """
        return self.weighted_numbers(*self.vocabulary_.weigh(query))

    def weighted_numbers(
        self, numbers: NDArray[np.int64], weights: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Do what :meth:`weighted` does, with terms that the vocabulary has looked up already."""
        weights = weights * self._idf[numbers]
        norm = float(np.linalg.norm(weights))
        scaled = weights / norm if norm else weights
        return self.postings_.scores(numbers, scaled.astype(np.float32)[:, None])


def _arrays(counts: Counter[int]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    numbers = np.fromiter(counts.keys(), np.int64, len(counts))
    return numbers, np.fromiter(counts.values(), np.float64, len(counts))

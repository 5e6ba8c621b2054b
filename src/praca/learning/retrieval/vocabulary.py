"""Which terms there are, how rare each is, and a number for each."""

import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from praca.learning.artifacts import integers

__all__ = ["Vocabulary"]

_MOST: Final = 2**31 - 1


class Vocabulary:
    """Numbers for terms, with document frequencies.

    Terms that ``fit`` did not keep may still be told apart: with ``hash_space`` > 0 they get a
    number from ``size`` on by a stable hash (CRC-32), so that a tool nobody had named before the
    training still matches itself. Their weight is that of a term never seen.

    Args:
        min_documents: terms in fewer documents are not kept.
        max_terms: of the rest, so many of the most frequent are kept.
        hash_space: how many numbers unknown terms share; 0 drops them.

    Attributes:
        terms_: kept terms in alphabetical order; the position is the number.
        document_frequency_: int64, shape (len(terms_),).
        documents_: number of documents seen, or as many as there were to be at least.
    """

    terms_: list[str]
    document_frequency_: NDArray[np.int64]
    documents_: int

    def __init__(
        self, *, min_documents: int = 1, max_terms: int = 100_000, hash_space: int = 0
    ) -> None:
        self.min_documents = min_documents
        self.max_terms = max_terms
        self.hash_space = hash_space

    def fit(self, documents: Iterable[Sequence[str]], *, at_least: int = 0) -> Self:
        """Count in how many documents (lists of terms) each term occurs.

        Args:
            documents: lists of terms.
            at_least: terms are as rare as if there were so many documents; among very few, a term
                that only one has would count as common.
        """
        frequency: Counter[str] = Counter()
        total = 0
        for document in documents:
            frequency.update(set(document))
            total += 1
        kept = [(-n, term) for term, n in frequency.items() if n >= self.min_documents]
        kept = sorted(kept)[: self.max_terms]
        return self._learned({term: -n for n, term in kept}, max(total, at_least))

    def _learned(self, frequency: Mapping[str, int], documents: int) -> Self:
        self.terms_ = sorted(frequency)
        self.document_frequency_ = np.array([frequency[t] for t in self.terms_], dtype=np.int64)
        self.documents_ = documents
        self._ids = _Ids(self.terms_, self.hash_space)
        return self

    def __len__(self) -> int:
        """Return the number of kept terms."""
        return len(self.terms_)

    def ids(self, terms: Iterable[str]) -> list[int]:
        """Return the number of each term; unknown ones are hashed, or dropped without a space."""
        numbers = map(self._ids.__getitem__, terms)
        return list(numbers) if self.hash_space else [number for number in numbers if number >= 0]

    def count(self, terms: Iterable[str]) -> Counter[int]:
        """Return how often each number occurs in ``terms``."""
        return Counter(self.ids(terms))

    def weigh(self, weights: Mapping[str, float]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return numbers and weights, both (n,), of those terms that are kept; none is hashed."""
        find = self._ids.get
        known = [(n, w) for term, w in weights.items() if (n := find(term)) is not None]
        numbers, values = zip(*known, strict=True) if known else ((), ())
        return np.array(numbers, dtype=np.int64), np.array(values, dtype=np.float64)

    def bm25_idf(self) -> NDArray[np.float64]:
        """Return ln(1 + (N - df + 0.5) / (df + 0.5)), shape (len + 1,); last: an unknown term.

        Source: Robertson, Zaragoza, "The probabilistic relevance framework: BM25 and beyond"
        (2009), in the never-negative form that Lucene uses.
        """
        frequency = self._frequency_and_unknown()
        return np.log1p((self.documents_ - frequency + 0.5) / (frequency + 0.5))

    def smooth_idf(self) -> NDArray[np.float64]:
        """Return ln((N + 1) / (df + 1)) + 1, shape (len + 1,); last: an unknown term.

        The form of scikit-learn's ``TfidfTransformer(smooth_idf=True)``.
        """
        return np.log((self.documents_ + 1) / (self._frequency_and_unknown() + 1)) + 1

    def to_json(self) -> dict[str, Any]:
        """Return the state as plain JSON values."""
        return {
            "min_documents": self.min_documents,
            "max_terms": self.max_terms,
            "hash_space": self.hash_space,
            "documents": self.documents_,
            "terms": self.terms_,
            "document_frequency": self.document_frequency_.tolist(),
        }

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Self:
        """Rebuild from :meth:`to_json`.

        Raises:
            KeyError, TypeError, ValueError: the state is not of that form.
        """
        names = ("min_documents", "max_terms", "hash_space", "documents")
        numbers = integers([state[name] for name in names], 0, _MOST)
        min_documents, max_terms, hash_space, documents = numbers.tolist()
        self = cls(min_documents=min_documents, max_terms=max_terms, hash_space=hash_space)
        terms = state["terms"]
        frequency = integers(state["document_frequency"], 0, documents).tolist()
        if not all(isinstance(term, str) for term in terms) or sorted(set(terms)) != terms:
            raise ValueError("terms must be sorted, distinct strings")
        return self._learned(dict(zip(terms, frequency, strict=True)), documents)

    def _frequency_and_unknown(self) -> NDArray[np.float64]:
        return np.append(self.document_frequency_, 0).astype(np.float64)


class _Ids(dict[str, int]):
    """Term -> number; unknown terms are hashed behind the known ones, or -1."""

    def __init__(self, terms: Sequence[str], hash_space: int) -> None:
        super().__init__({term: number for number, term in enumerate(terms)})
        self._first = len(terms)
        self._space = hash_space

    def __missing__(self, term: str) -> int:
        if not self._space:
            return -1
        return self._first + zlib.crc32(term.encode("utf-8", "surrogatepass")) % self._space

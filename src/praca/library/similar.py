"""Which books are like a book: exact retrieval over title, description and category, in memory.

The score is the mean of two similarities, each 0 to 1: BM25 of the one book's terms over the
other's, as a share of what the book scores with itself; and the cosine in a space of latent topics
(LSA), which also sees books that share no word. Terms are stemmed in the language of the book, so
that a catalogue may be English, Portuguese, or both. What that is worth:
``benchmarks/catalogue/similar.py``.
"""

import re
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import Stemmer
from numpy.typing import NDArray

from praca.learning.retrieval import BM25, LSA, TfIdf, Vocabulary, best
from praca.learning.text import ChunkTable, Tokenizer

__all__ = ["BookText", "Likeness", "SimilarBooks"]

_FIELD_WEIGHTS: Final = {"titulo": 2.0, "descricao": 1.0, "categoria": 1.0}
_TOPICS: Final = 64
_MOST_CHARS: Final = 10_000
_MOST_SHARED_TERMS: Final = 5
_DIGITS: Final = 5
_REMEMBERED: Final = 50_000
"""So many pieces of text whose words are known are remembered in each language."""
# Words that every text of some length has, and none of the other language.
_ENGLISH: Final = frozenset(
    ("and", "for", "from", "her", "his", "is", "of", "that", "the", "their", "to", "was", "with")
)
_PORTUGUESE: Final = frozenset(
    ("ao", "da", "de", "dos", "em", "mais", "na", "não", "os", "para", "que", "seu", "sua", "um")
)
_WORD: Final = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class BookText:
    """What is read of a book; one that is not present is not recommended."""

    id: int
    titulo: str
    descricao: str
    categoria: str
    is_present: bool = True

    @property
    def fields(self) -> dict[str, str]:
        """The texts that are indexed, by name."""
        return {
            "titulo": self.titulo,
            "descricao": self.descricao[:_MOST_CHARS],
            "categoria": self.categoria,
        }


@dataclass(frozen=True, slots=True)
class Likeness:
    """How like a book is, 0 to 1, and by which words, the most telling first."""

    id: int
    score: float
    shared: tuple[str, ...]


class _Words:
    """Turns a book's texts into terms, in its language; threads may share it."""

    def __init__(self) -> None:
        self._portuguese = Tokenizer(max_chars=_MOST_CHARS)
        self._plain = Tokenizer(stem=False, max_chars=_MOST_CHARS)
        self._lock = threading.Lock()
        # A Stemmer object is not re-entrant: it is only used under the lock.
        self._english = Stemmer.Stemmer("english")
        self._written = {
            is_english: ChunkTable(partial(self._split, is_english=is_english), _REMEMBERED)
            for is_english in (False, True)
        }

    def terms(self, text: str, *, is_english: bool) -> list[str]:
        """Return the terms of ``text``."""
        if not is_english:
            return self._portuguese(text)
        words = self._plain(text)
        with self._lock:
            return list(self._english.stemWords(words))

    def written(self, text: str, *, is_english: bool) -> dict[str, str]:
        """Return each term of ``text`` with the word that it is written as first."""
        table = self._written[is_english]
        found: dict[str, str] = {}
        for chunk in text[:_MOST_CHARS].split():
            for term, word in table[chunk]:
                found.setdefault(term, word)
        return found

    def _split(self, chunk: str, *, is_english: bool) -> tuple[tuple[str, str], ...]:
        if not is_english:
            return tuple((term, chunk[i:j]) for term, i, j in self._portuguese.spans(chunk))
        spans = self._plain.spans(chunk)
        with self._lock:
            return tuple((self._english.stemWord(term), chunk[i:j]) for term, i, j in spans)


class SimilarBooks:
    """An index of books; immutable once built, so that threads may share it.

    Args:
        books: all of them; building takes a second or two per thousand.
        seed: of the latent topics; equal books and seeds give equal answers.
    """

    def __init__(self, books: Sequence[BookText], *, seed: int = 0) -> None:
        self._books = list(books)
        self._places = {book.id: place for place, book in enumerate(books)}
        self._words = _Words()
        self._is_present = np.array([book.is_present for book in self._books], dtype=bool)
        told = [_is_english(book) for book in self._books]
        # What tells nothing is in the language of most, and so are the names of categories.
        self._is_most_english = told.count(True) > told.count(False)
        self._is_english = [self._is_most_english if one is None else one for one in told]
        fields = {
            name: [
                self._words.terms(book.fields[name], is_english=self._language(place, name))
                for place, book in enumerate(self._books)
            ]
            for name in _FIELD_WEIGHTS
        }
        self._terms = [
            [term for parts in texts for term in parts]
            for texts in zip(*fields.values(), strict=True)
        ]
        self._bm25 = BM25(field_weights=_FIELD_WEIGHTS, saturate_query=True).fit(fields)
        vocabulary = self._bm25.vocabulary_
        frequencies = vocabulary.document_frequency_.tolist()
        self._frequency = dict(zip(vocabulary.terms_, frequencies, strict=True))
        self._topics = self._latent(seed)

    def _latent(self, seed: int) -> NDArray[np.float32]:
        """Return a unit vector per book, shape (books, topics)."""
        # A term of one book alone relates it to no other, and half of them are such.
        vocabulary = Vocabulary(min_documents=2).fit(self._terms)
        if not len(vocabulary):
            return np.zeros((len(self._books), 1), np.float32)
        tfidf = TfIdf().fit(self._terms, vocabulary)
        vectors = [tfidf.vector(terms) for terms in self._terms]
        lsa = LSA(dimensions=_TOPICS, seed=seed).fit(vectors, len(vocabulary))
        return np.vstack([lsa.transform(numbers, weights.T) for numbers, weights in vectors])

    def __len__(self) -> int:
        """Return the number of books."""
        return len(self._books)

    def __contains__(self, book_id: object) -> bool:
        """Tell whether the book is in the index."""
        return book_id in self._places

    def find(self, book_id: int, top: int) -> list[Likeness]:
        """Return the ``top`` present books most like this one, best first, without itself.

        Books that share nothing with it are left out; equal scores are in order of the index.

        Raises:
            KeyError: the book is not in the index.
        """
        place = self._places[book_id]
        scores = np.where(self._is_present, self._scores(place), 0.0)
        scores[place] = 0.0
        found = [(at, score) for at, score in best(scores, top) if score > 0]
        written = self._written(place)
        return [
            Likeness(self._books[at].id, min(score, 1.0), self._shared(written, place, at))
            for at, score in found
        ]

    def _scores(self, place: int) -> NDArray[np.float64]:
        lexical = self._bm25.scores(self._terms[place])
        own = lexical[place]
        # Rounded, as equal rows need not give equal products to the last bit.
        cosines = np.round(self._topics @ self._topics[place], _DIGITS).astype(np.float64)
        return np.asarray(
            (np.minimum(lexical / own, 1.0) if own > 0 else lexical) / 2
            + np.maximum(cosines, 0.0) / 2
        )

    def _language(self, place: int, field: str) -> bool:
        """Tell whether a text is taken for English; else it is taken for Portuguese."""
        return self._is_most_english if field == "categoria" else self._is_english[place]

    def _written(self, place: int) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, text in self._books[place].fields.items():
            is_english = self._language(place, name)
            found = self._words.written(text, is_english=is_english) | found
        return found

    def _shared(self, written: dict[str, str], place: int, other: int) -> tuple[str, ...]:
        """Return the rarest words that both books have, as the first one writes them."""
        common = set(self._terms[place]).intersection(self._terms[other])
        rare = sorted(common, key=lambda term: (self._frequency[term], term))
        return tuple(written.get(term, term) for term in rare[:_MOST_SHARED_TERMS])


def _is_english(book: BookText) -> bool | None:
    """Tell the language by its commonest words; None where they tell nothing."""
    counts = Counter(_WORD.findall(f"{book.titulo} {book.descricao[:_MOST_CHARS]}".lower()))
    english = sum(counts[word] for word in _ENGLISH)
    portuguese = sum(counts[word] for word in _PORTUGUESE)
    return None if english == portuguese else english > portuguese

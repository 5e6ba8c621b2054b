"""Which article answers a question: words and pieces of words, compared exactly, in memory."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from praca.helpdesk.answering.words import MAX_QUESTION_CHARS, terms_of
from praca.helpdesk.records import Article
from praca.kit.text import bounded, fold
from praca.learning.retrieval import BM25, TfIdf, best
from praca.learning.retrieval.grams import character_grams

__all__ = ["ArticleIndex", "Hit"]

_WORD: Final = re.compile(r"[a-z0-9]{2,40}")
_FIELDS: Final = {"title": 3.0, "summary": 1.0, "text": 1.0}


@dataclass(frozen=True, slots=True)
class Hit:
    """An article found.

    Attributes:
        score: higher is better; comparable within one search only.
        confidence: of the first hit, the probability that the question can be answered and that
            this article is the right one; of the others, their score's share of it.
    """

    article: Article
    score: float
    confidence: float


class ArticleIndex:
    """An immutable index of articles; safe to share between threads. Made by :meth:`build`."""

    def __init__(self, articles: Sequence[Article]) -> None:
        self.articles = tuple(articles)
        parts = [_fields(article) for article in self.articles]
        self._words = BM25(field_weights=_FIELDS).fit(
            {name: [terms_of(part[name]) for part in parts] for name in _FIELDS}
        )
        vocabulary = self._words.vocabulary_
        *rarities, self._unknown = vocabulary.bm25_idf().tolist()
        self._rarity = dict(zip(vocabulary.terms_, rarities, strict=True))
        self._grams = TfIdf().fit([_grams(" ".join(part.values())) for part in parts])

    @classmethod
    def build(cls, articles: Sequence[Article]) -> Self:
        """Index ``articles``; pure: equal articles in the same order make an equal index."""
        return cls(articles)

    def search(self, question: str, top: int = 10) -> list[Hit]:
        """Return the ``top`` best articles for ``question``, best first.

        Articles that share nothing with it are left out; equal scores stay in the order of the
        articles. Only the first :data:`MAX_QUESTION_CHARS` characters are read.
        """
        text = bounded(question, MAX_QUESTION_CHARS)
        scores = self._scores(text)
        found = [(at, score) for at, score in best(scores, top) if score > 0]
        if not found:
            return []
        confidence = self._confidence(text, found)
        first = found[0][1]
        return [Hit(self.articles[at], score, confidence * score / first) for at, score in found]

    def weights(self, question: str) -> dict[str, float]:
        """Return the terms of ``question`` with how much each tells articles apart.

        Terms are those of :data:`praca.helpdesk.answering.words.terms_of`.
        """
        terms = dict.fromkeys(terms_of(bounded(question, MAX_QUESTION_CHARS)))
        return {term: self._rarity.get(term, self._unknown) for term in terms}

    def _scores(self, text: str) -> NDArray[np.float64]:
        words = self._words.scores(terms_of(text))
        return _scaled(words) + _scaled(self._grams.scores(_grams(text)))

    def _confidence(self, text: str, found: Sequence[tuple[int, float]]) -> float:
        weights = self.weights(text)
        whole = sum(weights.values())
        article = self.articles[found[0][0]]
        there = set(terms_of(" ".join(_fields(article).values())))
        return sum(w for term, w in weights.items() if term in there) / whole if whole else 0.0


def _fields(article: Article) -> dict[str, str]:
    rest = (
        *(article.body, article.steps, article.more, article.cost, article.deadline),
        *(article.agency, *article.category, *article.keywords),
    )
    return {"title": article.title, "summary": article.summary, "text": "\n".join(rest)}


def _grams(text: str) -> list[str]:
    return character_grams(_words(text))


def _words(text: str) -> Iterable[str]:
    return _WORD.findall(fold(text))


def _scaled(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    most = float(scores.max(initial=0.0))
    return scores / most if most > 0 else scores

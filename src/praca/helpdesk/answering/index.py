"""Which article answers a question.

The signals of :mod:`praca.helpdesk.answering.signals` are scaled so that each one's best article
has 1, or less where even that one is weak, and summed (CombSUM; source: Fox, Shaw, "Combination of
multiple searches", TREC-2 (1994)).
Weights learned from questions were not better than equal ones on services unseen, which is no
surprise: Dawes, "The robust beauty of improper linear models in decision making", American
Psychologist 34 (1979). Figures: ``docs/explain/answering-quality.md``.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from praca.helpdesk.answering.confidence import Evidence, probability
from praca.helpdesk.answering.expansion import SYNONYMS
from praca.helpdesk.answering.places import places_in
from praca.helpdesk.answering.query import Query
from praca.helpdesk.answering.signals import FEWEST, SIGNALS, WEAK, Signals, article_text
from praca.helpdesk.answering.spelling import Speller
from praca.helpdesk.answering.words import FRAME_WEIGHTS, terms_of
from praca.helpdesk.records import Article
from praca.learning.retrieval import best

__all__ = ["ArticleIndex", "Hit"]

_MUCH: Final = 4.0
"""So many words that no article has make a question as specific as can be."""
_MISSED: Final = 0.5
"""An only article has no second to be better than: one half as good is taken to be missing."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An article found.

    Attributes:
        score: higher is better, at most the number of signals; comparable within one search.
        confidence: of the first hit, the probability that the question can be answered and that
            this article is the right one; of the others, as much less as their score is.
    """

    article: Article
    score: float
    confidence: float


class ArticleIndex:
    """An immutable index of articles; safe to share between threads. Made by :meth:`build`.

    Args:
        articles: all of them; of equal scores the earlier one comes first.
        frames: what words say in a question; others than the shipped ones when measuring.
    """

    def __init__(
        self, articles: Sequence[Article], *, frames: Mapping[str, float] = FRAME_WEIGHTS
    ) -> None:
        self.articles = tuple(articles)
        self._frames = frames
        self._signals = Signals(self.articles)
        self._missed = max(0.0, _MISSED * (1 - len(self.articles) / FEWEST))
        texts = [article_text(article) for article in self.articles]
        self._here = places_in(texts)
        self._contents = [frozenset(terms_of(text)) for text in texts]
        vocabulary = self._signals.vocabulary
        frequencies = vocabulary.document_frequency_.tolist()
        self._speller = Speller(dict(zip(vocabulary.terms_, frequencies, strict=True)))
        *rarities, self._unknown = vocabulary.bm25_idf().tolist()
        self._rarity = dict(zip(vocabulary.terms_, rarities, strict=True))

    @classmethod
    def build(cls, articles: Sequence[Article]) -> Self:
        """Index ``articles``; pure: equal articles in the same order make an equal index."""
        return cls(articles)

    def search(self, question: str, top: int = 10) -> list[Hit]:
        """Return the ``top`` best articles for ``question``, best first.

        Articles that share nothing with it are left out. Of a question beyond 2,000 characters the
        rest is not read.
        """
        query = self._query(question)
        scores = _summed(self._signals.scores(query))
        found = [(at, score) for at, score in best(scores, top) if score > 0]
        if not found:
            return []
        first, most = found[0]
        confidence = probability(self._evidence(query, scores, first))
        return [Hit(self.articles[at], score, confidence * score / most) for at, score in found]

    def weights(self, question: str) -> dict[str, float]:
        """Return the terms of ``question``, corrected and expanded, with how much each counts.

        Terms are those of :data:`praca.helpdesk.answering.words.terms_of`; a weight is the term's
        rarity among the articles, less for the frame of a question and for what is only meant.
        """
        return self._rated(self._query(question).expanded)

    def evidence(self, question: str) -> Evidence | None:
        """Return what the confidence in the first hit is made of; None where nothing is found."""
        query = self._query(question)
        scores = _summed(self._signals.scores(query))
        if not scores.any():
            return None
        return self._evidence(query, scores, best(scores, 1)[0][0])

    def scores(self, question: str) -> NDArray[np.float64]:
        """Return every article's score for ``question``, in the order of the articles."""
        return _summed(self._signals.scores(self._query(question)))

    def _query(self, question: str) -> Query:
        return Query.of(question, self._frames, self._speller)

    def _rated(self, terms: Mapping[str, float]) -> dict[str, float]:
        return {
            term: weight * self._rarity.get(term, self._unknown) for term, weight in terms.items()
        }

    def _evidence(self, query: Query, scores: NDArray[np.float64], first: int) -> Evidence:
        asked = self._rated(query.terms)
        whole = sum(asked.values())
        most = scores[first]
        rest = max(np.delete(scores, first).max(initial=0.0), most * self._missed)
        return Evidence(
            agreement=float(most) / len(SIGNALS),
            margin=float(most - rest) / len(SIGNALS),
            coverage=_share(asked, self._contents[first], whole),
            unknown=1 - _share(asked, self._rarity, whole),
            elsewhere=float(bool(places_in((query.text,)) - self._here)),
            specific=min(1.0, whole / (_MUCH * self._unknown)),
        )


def _share(asked: Mapping[str, float], there: Container[str], whole: float) -> float:
    """Return how much of the question's weight is among the terms of an article."""
    found = sum(
        weight
        for term, weight in asked.items()
        if term in there or any(other in there for other in SYNONYMS.get(term, ()))
    )
    return found / whole if whole else 0.0


def _summed(signals: NDArray[np.float64]) -> NDArray[np.float64]:
    most = np.maximum(signals.max(axis=1, initial=0.0), WEAK)
    return np.asarray((signals / most[:, None]).sum(axis=0))

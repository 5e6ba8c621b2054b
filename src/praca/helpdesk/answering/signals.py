"""Seven lexical signals of how well an article fits a question; all exact, in memory.

* *words*: BM25 over all fields, the title counting six times and the brief twice, the question
  expanded with what citizens call things;
* *title*: BM25 of the title alone, expanded likewise;
* *pieces*: cosine of character 3- to 5-grams with the whole article, for other derivations and
  spellings (castrar, castração);
* *labels*: BM25 of pieces with category and keywords;
* *passages* and *sentences*: the cosine of pieces with the article's best 50 words and with its
  best sentence, each under the title. A question is about one paragraph, which a long article
  hides. Source: Callan, "Passage-level evidence in document retrieval", SIGIR (1994);
* *pairs*: BM25 of words and numbers that stand near each other ("90 dias").
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from praca.helpdesk.answering.query import Query
from praca.helpdesk.answering.words import (
    pairs_of,
    pieces_of,
    pieces_of_word,
    terms_of,
    words_of,
)
from praca.helpdesk.records import Article
from praca.learning.retrieval import BM25, TfIdf, Vocabulary

__all__ = ["FEWEST", "SIGNALS", "WEAK", "Signals", "article_text", "name_text"]

Scores = NDArray[np.float64]

SIGNALS: Final = ("words", "title", "pieces", "labels", "passages", "sentences", "pairs")
"""Names, in the order of the rows of :meth:`Signals.scores`."""

WEAK: Final = (1e-9, 3.0, 0.25, 10.0, 0.25, 0.25, 4.0)
"""Of each signal: a best article below this is no good one. About a rare word of a title, a
quarter of the pieces, two rare words of labels or near each other."""
FEWEST: Final = 30
"""Words of fewer articles are taken to be as rare as among so many."""
_PASSAGE_WORDS: Final = 50
_MOST_WORDS: Final = 20_000
"""Of an article; what is beyond is in no passage."""
_SENTENCE_END: Final = re.compile(r"(?<=[.;:!?])\s+|\n+")
_SHORTEST_SENTENCE: Final = 15
_MOST_SENTENCES: Final = 1_000


class Signals:
    """The signals of a set of articles. Immutable."""

    def __init__(self, articles: Sequence[Article]) -> None:
        self.size = len(articles)
        terms = {name: [terms_of(read(one)) for one in articles] for name, read in _FIELDS.items()}
        self._words = BM25(field_weights={"title": 6.0, "brief": 2.0}).fit(
            terms, _vocabulary(terms)
        )
        self._title = BM25(b=0.5).fit({"title": terms["title"]}, self.vocabulary)
        self._pieces = _Pieces(articles)
        labels = [pieces_of(_labels(article)) for article in articles]
        self._labels = BM25(b=0.5).fit({"labels": labels}, self._pieces.vocabulary)
        pairs = {name: [pairs_of(read(one)) for one in articles] for name, read in _FIELDS.items()}
        self._pairs = BM25(field_weights={"title": 3.0}).fit(pairs, _vocabulary(pairs))

    @property
    def vocabulary(self) -> Vocabulary:
        """Stemmed words of all articles."""
        return self._words.vocabulary_

    def scores(self, query: Query) -> Scores:
        """Return every signal of every article, unscaled, at least 0: shape (signals, articles)."""
        pieces = self._pieces.vocabulary.weigh(query.pieces)
        whole, passages, sentences = self._pieces.scores(*pieces)
        return np.stack(
            [
                self._words.weighted(query.expanded),
                self._title.weighted(query.expanded),
                whole,
                self._labels.weighted_numbers(*pieces),
                passages,
                sentences,
                self._pairs.weighted(query.pairs),
            ]
        )


class _Pieces:
    """Cosines of pieces with whole articles, with their best passages and with best sentences.

    All are documents of one index, so that a question's pieces are looked up once.
    """

    def __init__(self, articles: Sequence[Article]) -> None:
        texts = [_weighted_text(article) for article in articles]
        self.vocabulary = Vocabulary().fit(
            (
                [piece for word in set(words_of(text)) for piece in pieces_of_word(word)]
                for text in texts
            ),
            at_least=FEWEST,
        )
        self._size = len(articles)
        self._owners = []
        for split in (_passages, _sentences):
            parts = [
                (at, f"{article.title}\n{part}")
                for at, article in enumerate(articles)
                for part in split(_text(article)) or ("",)
            ]
            texts += [text for _, text in parts]
            self._owners.append(np.array([at for at, _ in parts], dtype=np.int64))
        numbers: dict[str, NDArray[np.int64]] = {}
        self._index = TfIdf().fit_counts(
            [self._counts(text, numbers) for text in texts], self.vocabulary
        )

    def _counts(
        self, text: str, numbers: dict[str, NDArray[np.int64]]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return distinct pieces of ``text`` and how often each occurs.

        Looking up words, not pieces, spares nine in ten look-ups: ``numbers`` remembers theirs.
        """
        words = Counter(words_of(text))
        for word in words:
            if word not in numbers:
                numbers[word] = np.array(self.vocabulary.ids(pieces_of_word(word)), dtype=np.int64)
        if not words:
            return np.empty(0, dtype=np.int64), np.empty(0)
        lists = [numbers[word] for word in words]
        times = np.repeat(list(words.values()), [one.size for one in lists])
        counts = np.bincount(np.concatenate(lists), weights=times)
        pieces = np.flatnonzero(counts > 0).astype(np.int64, copy=False)
        return pieces, counts[pieces].astype(np.float64, copy=False)

    def scores(self, numbers: NDArray[np.int64], weights: Scores) -> list[Scores]:
        """Return the three cosines of every article with pieces that were looked up."""
        borders = self._size + np.cumsum([0, self._owners[0].size])
        whole, *parts = np.split(self._index.weighted_numbers(numbers, weights), borders)
        return [whole, *(self._best(of, one) for of, one in zip(self._owners, parts, strict=True))]

    def _best(self, owners: NDArray[np.int64], scores: Scores) -> Scores:
        most = np.zeros(self._size)
        np.maximum.at(most, owners, scores)
        return most


def _vocabulary(fields: Mapping[str, Sequence[Sequence[str]]]) -> Vocabulary:
    """Return the terms of articles, all fields of each together."""
    articles = zip(*fields.values(), strict=True)
    return Vocabulary().fit((list(chain.from_iterable(one)) for one in articles), at_least=FEWEST)


def article_text(article: Article) -> str:
    """Return all words of ``article``."""
    return "\n".join((name_text(article), article.brief, _text(article), article.agency))


def name_text(article: Article) -> str:
    """Return what the service is called: title, category and keywords."""
    return f"{article.title}\n{_labels(article)}"


def _labels(article: Article) -> str:
    return " ".join((*article.category, *article.keywords))


def _text(article: Article) -> str:
    parts = (
        *(article.summary, article.body, article.steps, article.more),
        *(article.cost, article.deadline),
    )
    return "\n".join(part for part in parts if part)


def _weighted_text(article: Article) -> str:
    """Return the whole article, the title three times and the summary twice."""
    short = (*(article.title,) * 3, article.summary)
    return "\n".join((*short, _text(article), _labels(article), article.agency))


_FIELDS: Final[Mapping[str, Callable[[Article], str]]] = {
    "title": lambda article: article.title,
    "summary": lambda article: article.summary,
    "brief": lambda article: article.brief,
    "body": lambda article: article.body,
    "steps": lambda article: article.steps,
    "more": lambda article: article.more,
    "deadline": lambda article: article.deadline,
    "cost": lambda article: article.cost,
    "agency": lambda article: article.agency,
    "labels": _labels,
}
"""Each field's words count by its own usual length."""


def _passages(text: str) -> list[str]:
    words = text.split()[:_MOST_WORDS]
    starts = range(0, len(words), _PASSAGE_WORDS)
    return [" ".join(words[start : start + _PASSAGE_WORDS]) for start in starts]


def _sentences(text: str) -> list[str]:
    sentences = _SENTENCE_END.split(text)[:_MOST_SENTENCES]
    return [sentence for sentence in sentences if len(sentence) >= _SHORTEST_SENTENCE]

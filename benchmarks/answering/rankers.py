"""What is compared: scores of all articles for a question."""

import importlib
import importlib.util
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
from benchmarks.answering.data import FOLDS, Question, fold_of
from numpy.typing import NDArray

from praca.helpdesk.answering.index import ArticleIndex
from praca.helpdesk.answering.words import frame_weights, pieces_of, terms_of
from praca.helpdesk.records import Article
from praca.learning.retrieval import BM25, TfIdf

__all__ = [
    "BASELINE",
    "DEFAULT_MODEL",
    "OURS",
    "Ranker",
    "baselines",
    "cross_fitted",
    "installed",
    "neural",
    "ours",
]

Scores: TypeAlias = NDArray[np.float64]
Ranker: TypeAlias = Callable[[str], Scores]
"""A question to one score per article."""

BASELINE: Final = "BM25, title ×3"
OURS: Final = "ours"
DEFAULT_MODEL: Final = "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2"
_PASSAGE_WORDS: Final = 80


def baselines(articles: Sequence[Article]) -> dict[str, Ranker]:
    """Return BM25 of titles, BM25 of everything with the title three times, and with pieces."""
    titles = [terms_of(article.title) for article in articles]
    texts = [terms_of(_whole(article)) for article in articles]
    title = BM25().fit({"title": titles})
    full = BM25(field_weights={"title": 3.0}).fit({"title": titles, "text": texts})
    pieces = TfIdf().fit([pieces_of(f"{a.title}\n{_whole(a)}") for a in articles])

    def both(question: str) -> Scores:
        return _scaled(full.scores(terms_of(question))) + _scaled(
            pieces.scores(pieces_of(question))
        )

    return {
        "BM25, title only": lambda question: title.scores(terms_of(question)),
        BASELINE: lambda question: full.scores(terms_of(question)),
        "BM25 + pieces, summed": both,
    }


def ours(articles: Sequence[Article]) -> Ranker:
    """Return the help desk's ranking as shipped."""
    return ArticleIndex.build(articles).scores


def cross_fitted(articles: Sequence[Article], questions: Sequence[Question]) -> Ranker:
    """Return ours with the table of question frames learned without the question's fold."""
    indexes = [ArticleIndex(articles, frames=_frames(questions, fold)) for fold in range(FOLDS)]
    folds = {question.text: fold_of(question.key) for question in questions}
    return lambda question: indexes[folds[question]].scores(question)


def installed() -> bool:
    """Tell whether sentence-transformers is here."""
    return importlib.util.find_spec("sentence_transformers") is not None


def neural(articles: Sequence[Article], name: str) -> Ranker:
    """Return the cosine of a sentence-transformer with an article's best passage.

    Raises:
        OSError, ValueError: no such model here, and none could be fetched.
    """
    library: Any = importlib.import_module("sentence_transformers")
    model = library.SentenceTransformer(name, device="cpu")
    passages = [(at, part) for at, one in enumerate(articles) for part in _passages(one)]
    owners = np.array([at for at, _ in passages])
    vectors = np.asarray(model.encode([text for _, text in passages], normalize_embeddings=True))

    def scores(question: str) -> Scores:
        cosines = vectors @ np.asarray(model.encode([question], normalize_embeddings=True))[0]
        most = np.full(len(articles), -1.0)
        np.maximum.at(most, owners, cosines)
        return most

    return scores


def _frames(questions: Sequence[Question], without: int) -> dict[str, float]:
    asked: dict[str, list[str]] = {}
    for question in questions:
        if fold_of(question.key) != without:
            asked.setdefault(question.key, []).append(question.text)
    return frame_weights(asked)


def _whole(article: Article) -> str:
    texts = (article.summary, article.body, article.steps, article.more, article.cost)
    return "\n".join((*texts, article.deadline, article.agency, *article.category))


def _passages(article: Article) -> list[str]:
    words = f"{article.body} {article.steps} {article.more}".split()
    starts = range(0, len(words), _PASSAGE_WORDS)
    parts = [" ".join(words[start : start + _PASSAGE_WORDS]) for start in starts]
    return [f"{article.title}. {part}" for part in (article.summary, *parts)]


def _scaled(scores: Scores) -> Scores:
    most = scores.max(initial=0.0)
    return scores / most if most > 0 else scores

"""Three TF-IDF vectorisers and a logistic regression, with C chosen by cross-validation.

This module loads scikit-learn: only training imports it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import get_scorer
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline

from praca.jobs.hiring.counts import TermCounts, Vectorizer
from praca.jobs.hiring.data import Applications
from praca.jobs.hiring.texts import WORD
from praca.learning.parallel import run_all
from praca.platform.settings import HiringSettings

__all__ = [
    "Counts",
    "Search",
    "Terms",
    "build_pipeline",
    "count_terms",
    "fit_pipeline",
    "predict_held_out",
    "search",
    "vectorizers",
]


Labels = NDArray[np.int8]
Rows = NDArray[np.int64]
Counts = Sequence[TermCounts]
Terms = Sequence[NDArray[np.object_]]

_FEWEST_VACANCIES: Final = 2
_FEWEST_PEOPLE: Final = 3


@dataclass(frozen=True, slots=True)
class Search:
    """What the grid search found.

    Attributes:
        best_c: the C with the highest mean score over the folds; the first of equals.
        best_score: that mean.
        mean_score: mean over all C of their mean scores.
        std_score: mean over all C of the standard deviations over the folds.
    """

    best_c: float
    best_score: float
    mean_score: float
    std_score: float


def build_pipeline(settings: HiringSettings, c: float) -> Pipeline:
    """Return the pipeline, not fitted; it takes texts of shape (rows, 3)."""
    parts = [
        (
            name,
            TfidfVectorizer(
                max_features=asked.max_features,
                ngram_range=asked.ngram_range,
                strip_accents="unicode",
                token_pattern=WORD,
                min_df=asked.min_df,
                max_df=asked.max_df,
                dtype=np.float32,
            ),
            column,
        )
        for column, (name, asked) in enumerate(vectorizers(settings).items())
    ]
    # Always sparse: dense rows of 7,000 terms would take 28 kB each.
    features = ColumnTransformer(parts, sparse_threshold=1.0)
    return Pipeline([("features", features), ("classifier", _classifier(settings, c))])


def vectorizers(settings: HiringSettings) -> dict[str, Vectorizer]:
    """Return the parameters of each text's vectoriser, in the order of the texts' columns."""
    asked = {
        "job_description": (
            settings.tfidf_job_description_max_features,
            settings.tfidf_job_description_ngram_range,
            _FEWEST_VACANCIES,
        ),
        "job_requirements": (
            settings.tfidf_job_requirements_max_features,
            settings.tfidf_job_requirements_ngram_range,
            _FEWEST_VACANCIES,
        ),
        "candidate_cv": (
            settings.tfidf_candidate_cv_max_features,
            settings.tfidf_candidate_cv_ngram_range,
            _FEWEST_PEOPLE,
        ),
    }
    return {
        name: Vectorizer(terms, ngrams, settings.tfidf_min_df, settings.tfidf_max_df, sources)
        for name, (terms, ngrams, sources) in asked.items()
    }


def _classifier(settings: HiringSettings, c: float) -> LogisticRegression:
    return LogisticRegression(
        C=c, max_iter=settings.max_iter, tol=settings.tol, random_state=settings.random_state
    )


def count_terms(data: Applications, settings: HiringSettings) -> tuple[Counts, Terms]:
    """Read the texts once for all fits; return the counts of terms and the terms of each column.

    Raises:
        ValueError: a column has no term in any row.
    """
    sources = (data.vacancies, data.vacancies, data.candidates)
    counts, terms = zip(
        *(
            TermCounts.of(data.texts[:, column], sources[column], asked)
            for column, asked in enumerate(vectorizers(settings).values())
        ),
        strict=True,
    )
    return counts, terms


def fit_pipeline(
    data: Applications, counts: Counts, terms: Terms, rows: Rows, settings: HiringSettings, c: float
) -> Pipeline:
    """Return the pipeline fitted on the given rows, with the terms that the counts keep.

    Raises:
        ValueError: the parameters leave no term.
    """
    pipeline = build_pipeline(settings, c)
    features = pipeline["features"]
    for _, vectorizer, column in features.transformers:
        kept = terms[column][counts[column].kept(rows)].tolist()
        vectorizer.set_params(vocabulary={term: at for at, term in enumerate(kept)})
    pipeline.fit(data.texts[rows], data.labels[rows])
    # The fitted ones have learned it: the parameters are again those of `build_pipeline`.
    for _, vectorizer, _ in [*features.transformers, *features.transformers_]:
        vectorizer.set_params(vocabulary=None)
    return pipeline


def search(
    counts: Counts,
    labels: Labels,
    rows: Rows,
    settings: HiringSettings,
    on_progress: Callable[[int], None] = lambda _done: None,
) -> Search:
    """Choose C on the given rows as ``GridSearchCV`` over the pipeline does.

    The scores are equal, too, up to the rounding of float32. Folds are stratified, not shuffled.

    Args:
        counts: of all rows.
        labels: of all rows.
        rows: those to learn from.
        settings: folds, scoring, values of C.
        on_progress: called with the number of folds done.
    """
    folds = StratifiedKFold(settings.grid_search_cv).split(rows, labels[rows])
    found = run_all(
        _fold_scores,
        [(counts, labels, rows[train], rows[test], settings) for train, test in folds],
        n_jobs=settings.grid_search_n_jobs,
        scheduler=settings.dask_scheduler,
        on_progress=on_progress,
    )
    scores = np.array(found)  # folds × values of C
    means = scores.mean(axis=0)
    best = int(means.argmax())
    return Search(
        settings.grid_search_c_values[best],
        float(means[best]),
        float(means.mean()),
        float(scores.std(axis=0).mean()),
    )


def predict_held_out(
    counts: Counts,
    labels: Labels,
    splits: Sequence[tuple[Rows, Rows]],
    settings: HiringSettings,
    c: float,
    on_progress: Callable[[int], None] = lambda _done: None,
) -> list[NDArray[np.float64]]:
    """Return for each split the probabilities of its second rows, learned from its first alone."""
    return run_all(
        _split_probabilities,
        [(counts, labels, train, test, settings, c) for train, test in splits],
        n_jobs=settings.grid_search_n_jobs,
        scheduler=settings.dask_scheduler,
        on_progress=on_progress,
    )


# The two functions below are also run by other processes, those of a cluster.


def _fold_scores(
    counts: Counts, labels: Labels, train: Rows, test: Rows, settings: HiringSettings
) -> list[float]:
    """Return the score of each C on one fold."""
    fitted, held_out = _features(counts, train, test)
    score: Any = get_scorer(settings.grid_search_scoring)
    return [
        float(score(_classifier(settings, c).fit(fitted, labels[train]), held_out, labels[test]))
        for c in settings.grid_search_c_values
    ]


def _split_probabilities(
    counts: Counts, labels: Labels, train: Rows, test: Rows, settings: HiringSettings, c: float
) -> NDArray[np.float64]:
    fitted, held_out = _features(counts, train, test)
    classifier = _classifier(settings, c).fit(fitted, labels[train])
    return np.asarray(classifier.predict_proba(held_out)[:, 1], dtype=np.float64)


def _features(counts: Counts, train: Rows, test: Rows) -> tuple[Any, Any]:
    blocks = [count.features(train, test) for count in counts]
    fitted, held_out = zip(*blocks, strict=True)
    return _side_by_side(fitted), _side_by_side(held_out)


def _side_by_side(blocks: Sequence[Any]) -> Any:
    """Return one matrix, its rows summed in the order in which the pipeline sums them."""
    return sp.hstack(blocks, format="csr").sorted_indices()

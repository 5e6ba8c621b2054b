"""From the books to models with their figures. Loads scikit-learn: only the task imports it."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from praca.learning.evaluation import expected_calibration_error
from praca.learning.linear import PlattScaling, sigmoid
from praca.learning.parallel import run_all
from praca.library.ml.classifiers import Classifier
from praca.library.ml.data import Examples, fewest_of_class
from praca.library.ml.errors import NotEnoughBooksError
from praca.library.ml.evaluation import Judgement, assess
from praca.library.ml.features import Featurizer, Sparse
from praca.library.ml.fitting import SEED, fit, split
from praca.library.ml.model import BookModel, Confidence, HeldOut, margin_of
from praca.library.ml.names import ModelKind, Target
from praca.library.ml.report import Report
from praca.platform.settings import LibrarySettings

__all__ = ["CrossValidated", "Fitted", "baselines", "check", "cross_validate", "train"]

Progress = Callable[[int, int], None]
_DRAWS: Final = 20
"""Random baselines drawn; their figure is the mean, so that it owes nothing to one lucky draw."""

_LABELS: Final = {Target.RATING: "de avaliação alta e baixa", Target.CATEGORIA: "em categorias"}


@dataclass(frozen=True, slots=True, eq=False)
class Fold:
    """One split with its features: those of the training rows alone were learned from."""

    train: NDArray[np.int64]
    test: NDArray[np.int64]
    features: Any
    rows: Sequence[Sparse]


@dataclass(frozen=True, slots=True, eq=False)
class CrossValidated:
    """What one kind of model said of books that it had not seen.

    Attributes:
        predictions: int64, shape (rows,), the predicted classes.
        margins: float64, shape (rows,), how far the class was ahead.
        fold_of: int64, shape (rows,), in which fold each was held out.
    """

    predictions: NDArray[np.int64]
    margins: NDArray[np.float64]
    fold_of: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A model, and what its gate needs to know.

    Attributes:
        model: fitted on all books.
        right: bool, shape (rows,), whether its out-of-fold predictions were right.
        stated: float64, shape (rows,), how likely that was, learned from the other folds.
    """

    model: BookModel
    right: NDArray[np.bool_]
    stated: NDArray[np.float64]


def check(examples: Examples, folds: int) -> None:
    """Refuse what cannot be split.

    Raises:
        NotEnoughBooksError: fewer than two classes, or too few titles of one.
    """
    titles = [
        np.unique(examples.groups[examples.labels == code]).size
        for code in range(len(examples.classes))
    ]
    fewest = fewest_of_class(folds)
    if len(titles) < 2 or min(titles) < fewest:  # noqa: PLR2004
        raise NotEnoughBooksError(
            f"Há livros de menos para treinar ({len(examples.fields)} livros"
            f" {_LABELS[examples.target]}): são precisas ao menos duas classes,"
            f" com {fewest} títulos cada uma."
        )


def train(
    examples: Examples,
    kinds: Sequence[ModelKind],
    settings: LibrarySettings,
    *,
    max_ece: float,
    trained_at: datetime,
    on_progress: Progress,
) -> dict[ModelKind, Fitted]:
    """Cross-validate each kind on the same folds, fit it on all books, and judge it.

    Args:
        examples: the books of one target.
        kinds: which models; the figures of one do not depend on which others are trained.
        settings: folds and trees.
        max_ece: largest calibration error with which probabilities are stated.
        trained_at: noted in the report.
        on_progress: called with the number of fits that are done, and of all.

    Raises:
        NotEnoughBooksError: the books cannot be split.
    """
    check(examples, settings.ml_folds)
    terms = [Featurizer.terms(examples.target, book) for book in examples.fields]
    splits = split(examples.labels, examples.groups, settings.ml_folds)
    found = cross_validate(
        examples, terms, splits, kinds, settings.ml_trees, labels=examples.labels,
        with_final=True, on_progress=on_progress,
    )  # fmt: skip
    everything = [found[kind][0] for kind in kinds]
    judged = assess(
        examples.labels,
        {kind: one.predictions for kind, one in zip(kinds, everything, strict=True)},
        baselines(examples.labels, splits, len(examples.classes)),
        examples.groups,
        classes=len(examples.classes),
        seed=SEED,
    )
    featurizer = Featurizer.fit(examples.target, examples.fields, terms)
    return {
        kind: _fitted(
            examples, kind, featurizer, *found[kind], judged[kind], max_ece, trained_at,
            settings.ml_folds,
        )
        for kind in kinds
    }  # fmt: skip


def cross_validate(
    examples: Examples,
    terms: Sequence[list[str]],
    splits: Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]],
    kinds: Sequence[ModelKind],
    trees: int,
    *,
    labels: NDArray[np.int64],
    with_final: bool,
    on_progress: Progress = lambda _done, _all: None,
) -> dict[ModelKind, tuple[CrossValidated, Classifier]]:
    """Fit every kind on every fold, and ``with_final`` on all rows, in parallel.

    Returns:
        Of each kind the out-of-fold predictions and the last classifier that was fitted: the one
        on all rows if that was asked for.
    """
    folds = [_fold(examples, terms, *rows) for rows in splits]
    if with_final:
        whole = np.arange(labels.size)
        folds.append(_fold(examples, terms, whole, whole[:0]))
    work = [(kind, fold, labels, trees) for fold in folds for kind in kinds]
    done = run_all(
        _fit_fold,
        work,
        n_jobs=-1,
        scheduler=None,
        on_progress=lambda count: on_progress(count, len(work)),
    )
    found = {}
    for at, kind in enumerate(kinds):
        of_kind = done[at :: len(kinds)]
        found[kind] = _joined(folds, of_kind, labels.size), of_kind[-1][0]
    return found


def _fold(
    examples: Examples,
    terms: Sequence[list[str]],
    train_rows: NDArray[np.int64],
    test: NDArray[np.int64],
) -> Fold:
    """Learn the features from the training rows alone, and make those of the test rows."""
    books = [examples.fields[row] for row in train_rows]
    words = [terms[row] for row in train_rows]
    featurizer = Featurizer.fit(examples.target, books, words)
    return Fold(
        train_rows,
        test,
        featurizer.matrix(books, words),
        [featurizer.row(examples.fields[row], terms[row]) for row in test],
    )


_OfFold = tuple[Classifier, NDArray[np.int64], NDArray[np.float64]]


def _fit_fold(kind: ModelKind, fold: Fold, labels: NDArray[np.int64], trees: int) -> _OfFold:
    classifier = fit(kind, fold.features, labels[fold.train], trees)
    scores = [classifier.scores(row) for row in fold.rows]
    return (
        classifier,
        np.array([one.argmax() for one in scores], dtype=np.int64),
        np.array([margin_of(one) for one in scores], dtype=np.float64),
    )


def _joined(folds: Sequence[Fold], found: Sequence[_OfFold], count: int) -> CrossValidated:
    predictions, fold_of = np.zeros((2, count), dtype=np.int64)
    margins = np.zeros(count)
    for at, (fold, (_, classes, gaps)) in enumerate(zip(folds, found, strict=True)):
        predictions[fold.test], margins[fold.test], fold_of[fold.test] = classes, gaps, at
    return CrossValidated(predictions, margins, fold_of)


def baselines(
    labels: NDArray[np.int64],
    splits: Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]],
    classes: int,
) -> dict[str, NDArray[np.int64]]:
    """Return what knowing only the classes' shares in the training folds predicts.

    ``maioria`` always names the largest class, ``acaso`` draws classes by their shares, 20 times.
    """
    generator = np.random.default_rng(SEED)
    majority = np.zeros((1, labels.size), dtype=np.int64)
    random = np.zeros((_DRAWS, labels.size), dtype=np.int64)
    for train_rows, test in splits:
        counts = np.bincount(labels[train_rows], minlength=classes)
        majority[:, test] = counts.argmax()
        shares = counts / counts.sum()
        random[:, test] = generator.choice(classes, (_DRAWS, test.size), p=shares)
    return {"maioria": majority, "acaso": random}


def _fitted(
    examples: Examples,
    kind: ModelKind,
    featurizer: Featurizer,
    held_out: CrossValidated,
    classifier: Classifier,
    judgement: Judgement,
    max_ece: float,
    trained_at: datetime,
    folds: int,
) -> Fitted:
    right = held_out.predictions == examples.labels
    confidence, stated = _confidence(held_out, right)
    error = expected_calibration_error(right, stated)
    holds = error <= max_ece
    told = judgement.to_json()
    report = Report.read(
        {
            **told,
            "calibration_error": error if holds else None,
            "books": len(examples.fields),
            "folds": folds,
            "left_out": dict(examples.left_out),
            "trained_at": trained_at,
        }
    )
    model = BookModel(
        examples.target,
        kind,
        examples.classes,
        featurizer,
        classifier,
        confidence if holds else None,
        report,
        HeldOut(examples.marks, np.stack([examples.labels, held_out.predictions], axis=1)),
    )
    return Fitted(model, right, stated)


def _confidence(
    held_out: CrossValidated, right: NDArray[np.bool_]
) -> tuple[Confidence, NDArray[np.float64]]:
    """Learn how likely a prediction is right from how far its class was ahead.

    Returns:
        What was learned from all rows, and what each row is told by what the other folds teach.
    """
    stated = np.zeros(right.size)
    for fold in np.unique(held_out.fold_of):
        test = held_out.fold_of == fold
        learned = _platt(held_out.margins[~test], right[~test])
        stated[test] = sigmoid(learned.slope * held_out.margins[test] + learned.intercept)
    return _platt(held_out.margins, right), stated


def _platt(margins: NDArray[np.float64], right: NDArray[np.bool_]) -> Confidence:
    count = int(right.sum())
    if count in {0, right.size}:
        # No slope can be learned; by Laplace's rule of succession nothing is certain all the same.
        return Confidence(0.0, math.log((count + 1) / (right.size - count + 1)))
    fitted = PlattScaling().fit(margins, right, np.ones(right.size))
    return Confidence(fitted.slope_, fitted.intercept_)

"""From applications to a model with its figures. Loads scikit-learn: only the task imports it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from praca.jobs.hiring.data import Applications
from praca.jobs.hiring.evaluation import (
    Confusion,
    auc_interval,
    figures,
    split_by_row,
    unseen_splits,
)
from praca.jobs.hiring.marks import Marks
from praca.jobs.hiring.model import HiringModel
from praca.jobs.hiring.pipeline import (
    Counts,
    Search,
    count_terms,
    fit_pipeline,
    predict_held_out,
    search,
)
from praca.jobs.matching.errors import NotEnoughDataError
from praca.platform.settings import HiringSettings

__all__ = ["Fitted", "fit"]

Progress = Callable[[int, int, str], None]
_NO_TERMS = ("vocabulary", "no terms remain", "max_df corresponds")


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A model with all that is said of it.

    Attributes:
        model: fitted on the training rows.
        metrics: every figure by its documented name, flat.
        test: positions of the test rows.
        probabilities: what the model says of them.
    """

    model: HiringModel
    metrics: dict[str, float]
    test: NDArray[np.int64]
    probabilities: NDArray[np.float64]


def fit(
    data: Applications, settings: HiringSettings, marks: Marks, on_progress: Progress
) -> Fitted:
    """Choose C, fit the pipeline on the training rows, and measure it.

    The model keeps the marks of the applications it was trained on.

    Raises:
        NotEnoughDataError: too few hires or others, or no term is left by the parameters.
        ClusterUnavailableError: the Dask scheduler that is set does not answer.
    """
    _check_counts(data, settings)
    try:
        return _fit(data, settings, marks, on_progress)
    except ValueError as error:
        if _is_without_terms(error):
            raise NotEnoughDataError(
                "Os textos, com os parâmetros dados, não deixam termos com que treinar."
            ) from error
        raise


def _is_without_terms(error: ValueError) -> bool:
    """Tell whether a vectoriser found no term; scikit-learn has no error of its own for it."""
    return any(words in str(error) for words in _NO_TERMS)


def _check_counts(data: Applications, settings: HiringSettings) -> None:
    """Refuse what cannot be split: each fold and the test rows need hires and others."""
    hires = int(data.labels.sum())
    fewest = min(hires, data.labels.size - hires)
    in_training = int(fewest * (1 - settings.test_size))
    if in_training < settings.grid_search_cv or round(fewest * settings.test_size) < 1:
        raise NotEnoughDataError(
            f"Há candidaturas de menos para treinar: {hires} com contratação e "
            f"{data.labels.size - hires} sem."
        )


def _fit(
    data: Applications, settings: HiringSettings, marks: Marks, on_progress: Progress
) -> Fitted:
    splits = _usable_splits(data, settings.random_state)
    steps = settings.grid_search_cv + 2 + len(splits)
    on_progress(0, steps, "Lendo os textos")
    counts, terms = count_terms(data, settings)
    train, test = split_by_row(data.labels, settings.test_size, settings.random_state)
    found = search(
        counts, data.labels, train, settings,
        lambda done: on_progress(1 + done, steps, "Escolhendo C"),
    )  # fmt: skip
    unseen = _unseen(
        data, counts, settings, found.best_c, splits,
        lambda done: on_progress(1 + settings.grid_search_cv + done, steps, "Avaliando"),
    )  # fmt: skip
    on_progress(steps - 1, steps, "Treinando")
    pipeline = fit_pipeline(data, counts, terms, train, settings, found.best_c)
    trained_on = marks.of(data.vacancies[train], data.candidates[train])
    model = HiringModel(pipeline, np.sort(np.concatenate([marks.own, trained_on])))
    probabilities = model.probabilities(data.texts[test])
    confusion = Confusion.of(data.labels[test], probabilities)
    measured = figures(
        data.labels[test],
        probabilities,
        data.vacancies[test],
        base_rate=float(data.labels[train].mean()),
        seed=settings.random_state,
    )
    metrics = measured | unseen | _of_search(found) | _of_data(data, train, confusion)
    return Fitted(model, metrics, test, probabilities)


def _usable_splits(
    data: Applications, seed: int
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    return [
        (train, test)
        for train, test in unseen_splits(data.vacancies, data.candidates, seed=seed)
        if test.size and 0 < data.labels[train].sum() < train.size
    ]


def _unseen(
    data: Applications,
    counts: Counts,
    settings: HiringSettings,
    c: float,
    splits: list[tuple[NDArray[np.int64], NDArray[np.int64]]],
    on_progress: Callable[[int], None],
) -> dict[str, float]:
    """Return the AUC on vacancies and people that were not in training; nothing if undefined."""
    rows = np.concatenate([test for _, test in splits]) if splits else np.zeros(0, np.int64)
    labels = data.labels[rows]
    if not 0 < labels.sum() < labels.size:
        return {"unseen_rows": float(rows.size)}
    try:
        found = predict_held_out(counts, data.labels, splits, settings, c, on_progress)
    except ValueError as error:
        if _is_without_terms(error):  # these splits are smaller than the model's own
            return {"unseen_rows": 0.0}
        raise
    sure = auc_interval(
        labels, np.concatenate(found), data.vacancies[rows], seed=settings.random_state
    )
    return {
        "auc_unseen": sure.estimate,
        "auc_unseen_low": sure.low,
        "auc_unseen_high": sure.high,
        "unseen_rows": float(rows.size),
    }


def _of_search(found: Search) -> dict[str, float]:
    return {
        "best_c": found.best_c,
        "best_cv_score": found.best_score,
        "mean_cv_score": found.mean_score,
        "std_cv_score": found.std_score,
    }


def _of_data(
    data: Applications, train: NDArray[np.int64], confusion: Confusion
) -> dict[str, float]:
    counts: dict[str, Any] = {
        "total_samples": data.labels.size,
        "train_samples": train.size,
        "left_out_samples": sum(data.left_out.values()),
        "base_rate": data.labels.mean(),
        "true_negatives": confusion.true_negatives,
        "false_positives": confusion.false_positives,
        "false_negatives": confusion.false_negatives,
        "true_positives": confusion.true_positives,
        **{f"class_distribution_{status}": share for status, share in data.shares.items()},
    }
    return {name: float(value) for name, value in counts.items()}

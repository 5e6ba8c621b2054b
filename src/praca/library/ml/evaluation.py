"""What a model's figures are worth: intervals, baselines, and whether there is a signal at all.

Every figure is one of out-of-fold predictions: each book was predicted by a model that had seen
neither it nor another book of its title. Intervals come from resampling titles (2,000 times, 95 %,
percentiles).

A model has a *signal* if its macro F1 is above that of **both** baselines by more than chance
explains: the paired intervals of the two differences, on the same resamples, lie above 0 as a
whole. One figure decides, and it is that one because the models weigh all classes alike. Whoever
knows nothing of a book and names a class of share p with frequency q gets an F1 of 2pq / (p + q)
of it; the mean over the classes is highest for q = p, which is what ``acaso`` does, so that no way
of guessing is above it. Accuracy is told and does not decide: a model that weighs classes alike
must err on the largest one, and stays below always naming it though it knows a good deal.

That both baselines must be passed needs no correction (an intersection of tests); that three kinds
of models each get a chance to look good does, so these intervals are of 98.3 % (Bonferroni: 5 %
over three models), not of 95 %. One of a target's three models is then said to have a signal where
there is none in 2.5 % of trainings, if intervals are what they say; folds share training rows,
which makes them a little narrow. ``benchmarks/book_models.py`` measures what is left of it.

Macro F1 is the mean over the classes. The sources are those of :mod:`praca.learning.evaluation`;
for the intersection, Berger, "Multiparameter hypothesis testing and acceptance sampling",
Technometrics 24 (1982).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from praca.learning.evaluation.bootstrap import Interval
from praca.library.ml.names import ModelKind

__all__ = ["FIGURES", "Figures", "Judgement", "assess", "figures_of", "weights_of"]

_RESAMPLES: Final = 2000
_CONFIDENCE: Final = 0.95
_CORRECTED: Final = 1 - (1 - _CONFIDENCE) / len(ModelKind)
_BATCH: Final = 100
_BOTH: Final = (0, 1)

FIGURES: Final = ("acuracia", "f1_score_macro")
"""The figures of every model by the names of the wire."""
_DECIDES: Final = FIGURES[1]


@dataclass(frozen=True, slots=True)
class Figures:
    """Accuracy and macro F1 of one set of predictions, each with its 95 % interval."""

    accuracy: Interval
    f1_macro: Interval


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is said of one model.

    Attributes:
        figures: of the model.
        baselines: of each baseline, by name.
        gains: by figure and baseline, the model's less the baseline's, at 98.3 %.
    """

    figures: Figures
    baselines: Mapping[str, Figures]
    gains: Mapping[str, Mapping[str, Interval]]

    @property
    def has_signal(self) -> bool:
        """Whether macro F1 is above that of every baseline by more than chance explains."""
        return all(gain.low > 0 for gain in self.gains[_DECIDES].values())

    def to_json(self) -> dict[str, Any]:
        """Return it as it is kept with the model."""
        return {
            "has_signal": self.has_signal,
            "figures": _told(self.figures),
            "baselines": {name: _told(figures) for name, figures in self.baselines.items()},
            "gains": {
                figure: {name: _numbers(gain) for name, gain in gains.items()}
                for figure, gains in self.gains.items()
            },
        }


def _told(figures: Figures) -> dict[str, list[float]]:
    both = (figures.accuracy, figures.f1_macro)
    return {name: _numbers(one) for name, one in zip(FIGURES, both, strict=True)}


def _numbers(interval: Interval) -> list[float]:
    return [interval.estimate, interval.low, interval.high]


def figures_of(confusion: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return accuracy and macro F1 of confusion matrices, shape (…, classes, classes).

    Rows are true classes. A class that is neither true nor predicted anywhere does not count, as in
    scikit-learn.
    """
    right = np.diagonal(confusion, axis1=-2, axis2=-1)
    both = confusion.sum(axis=-1) + confusion.sum(axis=-2)
    f1 = np.divide(2 * right, both, out=np.zeros_like(right), where=both > 0)
    accuracy = right.sum(axis=-1) / confusion.sum(axis=(-2, -1))
    return accuracy, f1.sum(axis=-1) / np.count_nonzero(both, axis=-1)


def weights_of(
    groups: NDArray[np.int64], drawn: NDArray[np.int64], count: int
) -> NDArray[np.float64]:
    """Return how often each row is in a resample, given the groups that were drawn."""
    return np.bincount(drawn, minlength=count).astype(np.float64)[groups]


def assess(
    labels: NDArray[np.int64],
    predictions: Mapping[str, NDArray[np.int64]],
    baselines: Mapping[str, NDArray[np.int64]],
    groups: NDArray[np.int64],
    *,
    classes: int,
    seed: int,
) -> dict[str, Judgement]:
    """Judge every model beside the baselines, all on the same resamples.

    Args:
        labels: shape (rows,), the true class of each row.
        predictions: of each model, shape (rows,).
        baselines: of each baseline, shape (draws, rows); its figure is the mean over the draws.
        groups: shape (rows,), what is resampled.
        classes: how many there are.
        seed: of the resampling.

    Returns:
        What is said of each model.
    """
    stacked = {name: rows[None, :] for name, rows in predictions.items()} | dict(baselines)
    _, codes = np.unique(groups, return_inverse=True)
    cells = {name: labels * classes + rows for name, rows in stacked.items()}
    whole = _figures(cells, np.ones((1, labels.size)), classes)
    drawn = _resampled(cells, codes, classes, seed)
    told = {
        name: Figures(
            *(_interval(whole[name][at][0], drawn[name][at], _CONFIDENCE) for at in _BOTH)
        )
        for name in stacked
    }

    def gain(name: str, other: str, at: int) -> Interval:
        estimate = whole[name][at][0] - whole[other][at][0]
        return _interval(estimate, drawn[name][at] - drawn[other][at], _CORRECTED)

    return {
        name: Judgement(
            told[name],
            {other: told[other] for other in baselines},
            {
                figure: {other: gain(name, other, at) for other in baselines}
                for at, figure in zip(_BOTH, FIGURES, strict=True)
            },
        )
        for name in predictions
    }


_Drawn = dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]


def _resampled(
    cells: Mapping[str, NDArray[np.int64]], groups: NDArray[np.int64], classes: int, seed: int
) -> _Drawn:
    """Return accuracy and macro F1 of every set of predictions on each resample."""
    generator = np.random.default_rng(seed)
    count = int(groups.max()) + 1
    batches = []
    for _ in range(_RESAMPLES // _BATCH):
        drawn = generator.integers(0, count, (_BATCH, count))
        weights = np.stack([weights_of(groups, one, count) for one in drawn])
        batches.append(_figures(cells, weights, classes))
    return {
        name: (
            np.concatenate([batch[name][0] for batch in batches]),
            np.concatenate([batch[name][1] for batch in batches]),
        )
        for name in cells
    }


def _figures(
    cells: Mapping[str, NDArray[np.int64]], weights: NDArray[np.float64], classes: int
) -> _Drawn:
    found: _Drawn = {}
    for name, draws in cells.items():
        matrices = np.array(
            [
                [np.bincount(cell, weights=weight, minlength=classes**2) for cell in draws]
                for weight in weights
            ]
        ).reshape(len(weights), len(draws), classes, classes)
        accuracy, f1 = figures_of(matrices)
        found[name] = accuracy.mean(axis=1), f1.mean(axis=1)
    return found


def _interval(estimate: float, drawn: NDArray[np.float64], confidence: float) -> Interval:
    tail = (1 - confidence) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return Interval(float(estimate), float(low), float(high))

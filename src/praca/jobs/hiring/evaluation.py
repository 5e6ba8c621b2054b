"""The figures of a hiring model: those the old server documented, and how far to trust them.

The documented test rows are drawn by row, so their vacancies and people are in the training rows,
too: a model that remembers them looks better than it is for new ones. :func:`unseen_splits` gives
the honest figure.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from praca.learning.evaluation import Interval, auc, brier_score, log_loss

__all__ = ["Confusion", "auc_interval", "figures", "split_by_row", "unseen_splits"]

_RESAMPLES = 500
_FOLDS = 5
_DECISION = 0.5


@dataclass(frozen=True, slots=True)
class Confusion:
    """Counts of decisions: a probability above one half is a hire."""

    true_negatives: int
    false_positives: int
    false_negatives: int
    true_positives: int

    @classmethod
    def of(cls, labels: NDArray[np.int8], probabilities: NDArray[np.float64]) -> "Confusion":
        """Count the decisions on rows of known labels."""
        said = probabilities > _DECISION
        true = labels == 1
        return cls(
            int(np.sum(~said & ~true)),
            int(np.sum(said & ~true)),
            int(np.sum(~said & true)),
            int(np.sum(said & true)),
        )

    @property
    def precision(self) -> float:
        """Share of those said to be hires that are; 0 if none was said to be."""
        return _ratio(self.true_positives, self.true_positives + self.false_positives)

    @property
    def recall(self) -> float:
        """Share of the hires that were found; 0 if there is none."""
        return _ratio(self.true_positives, self.true_positives + self.false_negatives)

    @property
    def f1_score(self) -> float:
        """Harmonic mean of precision and recall."""
        return _ratio(
            2 * self.true_positives,
            2 * self.true_positives + self.false_positives + self.false_negatives,
        )

    @property
    def accuracy(self) -> float:
        """Share of right decisions."""
        right = self.true_positives + self.true_negatives
        return _ratio(right, right + self.false_positives + self.false_negatives)


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def figures(
    labels: NDArray[np.int8],
    probabilities: NDArray[np.float64],
    groups: NDArray[np.int64],
    *,
    base_rate: float,
    seed: int,
) -> dict[str, float]:
    """Return the figures on the test rows.

    Args:
        labels: shape (rows,), 1 for a hire.
        probabilities: shape (rows,).
        groups: shape (rows,), the vacancy of each row: rows of one are not independent.
        base_rate: share of hires in the training rows: what one knows without any text.
        seed: of the resampling.

    Raises:
        ValueError: the rows are all of one class.
    """
    counts = Confusion.of(labels, probabilities)
    sure = auc_interval(labels, probabilities, groups, seed=seed)
    known = np.full(labels.size, base_rate)
    return {
        "auc": sure.estimate,
        "auc_low": sure.low,
        "auc_high": sure.high,
        "precision": counts.precision,
        "recall": counts.recall,
        "f1_score": counts.f1_score,
        "accuracy": counts.accuracy,
        "brier": brier_score(labels, probabilities),
        "log_loss": log_loss(labels, probabilities),
        "baseline_auc": 0.5,
        "baseline_accuracy": float(np.mean(labels == (base_rate > _DECISION))),
        "baseline_brier": brier_score(labels, known),
        "baseline_log_loss": log_loss(labels, known),
    }


def auc_interval(
    labels: NDArray[np.int8],
    scores: NDArray[np.float64],
    groups: NDArray[np.int64],
    *,
    seed: int,
) -> Interval:
    """Return the AUC with a 95 % percentile interval from resampling whole groups.

    Resamples that drew one class only are left out. Source: as ``praca.learning.evaluation``.

    Raises:
        ValueError: the rows are all of one class.
    """
    estimate = auc(labels, scores)
    _, inverse = np.unique(groups, return_inverse=True)
    members = np.split(np.argsort(inverse, kind="stable"), np.cumsum(np.bincount(inverse))[:-1])
    generator = np.random.default_rng(seed)
    drawn = []
    for _ in range(_RESAMPLES):
        chosen = generator.integers(0, len(members), len(members))
        rows = np.concatenate([members[group] for group in chosen])
        if 0 < labels[rows].sum() < rows.size:
            drawn.append(auc(labels[rows], scores[rows]))
    low, high = np.quantile(drawn or [estimate], [0.025, 0.975])
    return Interval(estimate, float(low), float(high))


def split_by_row(
    labels: NDArray[np.int8], test_size: float, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the documented split: training and test rows, drawn by row and stratified."""
    from sklearn.model_selection import train_test_split  # noqa: PLC0415  # seconds to load

    train, test = train_test_split(
        np.arange(labels.size), test_size=test_size, random_state=seed, stratify=labels
    )
    return np.sort(train), np.sort(test)


def unseen_splits(
    vacancies: NDArray[np.int64], candidates: NDArray[np.int64], *, seed: int
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Return training and test rows that share neither a vacancy nor a person.

    Vacancies and people are dealt into five hands each; a test takes the rows whose vacancy and
    person are both in hand k, its training those where neither is. Rows in between are not used.
    """
    generator = np.random.default_rng(seed)
    of_vacancy, of_candidate = _hands(vacancies, generator), _hands(candidates, generator)
    return [
        (
            np.flatnonzero((of_vacancy != hand) & (of_candidate != hand)),
            np.flatnonzero((of_vacancy == hand) & (of_candidate == hand)),
        )
        for hand in range(_FOLDS)
    ]


def _hands(codes: NDArray[np.int64], generator: np.random.Generator) -> NDArray[np.int64]:
    known, inverse = np.unique(codes, return_inverse=True)
    dealt: NDArray[np.int64] = generator.permutation(known.size) % _FOLDS
    return dealt[inverse]

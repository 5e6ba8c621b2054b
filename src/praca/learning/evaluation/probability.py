"""How good is a probability: discrimination (AUC) and calibration (Brier, log loss, ECE).

All functions take true labels (0 or 1, shape (n,)), the predicted probability or score of class 1
(shape (n,)) and optionally non-negative weights (shape (n,)).
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["auc", "brier_score", "expected_calibration_error", "log_loss"]


def auc(labels: ArrayLike, scores: ArrayLike) -> float:
    """Return the chance that a random positive scores above a random negative (ties count half).

    Area under the ROC curve through its equality with the Mann-Whitney statistic. Source: Hanley,
    McNeil, "The meaning and use of the area under a ROC curve", Radiology 143 (1982).

    Raises:
        ValueError: only one class is present, so the figure is not defined.
    """
    truth, values, _ = _checked(labels, scores, None)
    positives = int(np.count_nonzero(truth))
    negatives = truth.size - positives
    if positives == 0 or negatives == 0:
        raise ValueError("AUC needs both classes")
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    # Mean 1-based rank of each group of ties.
    ranks = np.cumsum(counts) - (counts - 1) / 2
    rank_sum = float(np.sum(ranks[inverse][truth > 0]))
    return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives)


def brier_score(
    labels: ArrayLike, probabilities: ArrayLike, weights: ArrayLike | None = None
) -> float:
    """Return the mean squared error of a probability: 0 is perfect, p(1 - p) is knowing only p.

    Source: Brier, "Verification of forecasts expressed in terms of probability" (1950).
    """
    truth, values, weight = _checked(labels, probabilities, weights)
    return float(np.average((values - truth) ** 2, weights=weight))


def log_loss(
    labels: ArrayLike, probabilities: ArrayLike, weights: ArrayLike | None = None
) -> float:
    """Return the mean negative log likelihood in nats; probabilities are clipped at 1e-15.

    Source: Good, "Rational decisions", JRSS B 14 (1952).
    """
    truth, values, weight = _checked(labels, probabilities, weights)
    clipped = np.clip(values, 1e-15, 1 - 1e-15)
    losses = -(truth * np.log(clipped) + (1 - truth) * np.log1p(-clipped))
    return float(np.average(losses, weights=weight))


def expected_calibration_error(
    labels: ArrayLike,
    probabilities: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    bins: int = 10,
) -> float:
    """Return the mean distance between stated probability and observed rate, over equal bins.

    The bins have equal width on [0, 1]; each counts by the weight in it. Source: Naeini, Cooper,
    Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning", AAAI (2015).
    """
    truth, values, weight = _checked(labels, probabilities, weights)
    which = np.minimum((values * bins).astype(np.intp), bins - 1)
    stated = np.bincount(which, weights=weight * values, minlength=bins)
    observed = np.bincount(which, weights=weight * truth, minlength=bins)
    return float(np.sum(np.abs(stated - observed)) / np.sum(weight))


def _checked(
    labels: ArrayLike, scores: ArrayLike, weights: ArrayLike | None
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    truth = np.asarray(labels, dtype=np.float64)
    values = np.asarray(scores, dtype=np.float64)
    weight = np.ones_like(truth) if weights is None else np.asarray(weights, dtype=np.float64)
    if not (truth.ndim == 1 and truth.shape == values.shape == weight.shape and truth.size):
        raise ValueError("labels, scores and weights must be non-empty and of one length")
    if not np.isin(truth, (0.0, 1.0)).all():
        raise ValueError("labels must be 0 or 1")
    if not np.isfinite(values).all():
        raise ValueError("scores must be finite")
    return truth, values, weight

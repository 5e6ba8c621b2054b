"""Does a stated probability come true: slope, error over equal bins, and what chance alone shows.

All functions take true labels (0 or 1, shape (n,)) and stated probabilities of class 1 (shape
(n,)).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "CalibrationLine",
    "adaptive_calibration_error",
    "calibration_line",
    "consistency_band",
]

_CLIP = 1e-6
_STEPS = 100


@dataclass(frozen=True, slots=True)
class CalibrationLine:
    """The true log-odds as a line of the stated ones: slope 1 and intercept 0 are perfect.

    A slope below 1 says that the probabilities are too extreme, above 1 that they are too timid.
    """

    slope: float
    intercept: float


def calibration_line(labels: ArrayLike, probabilities: ArrayLike) -> CalibrationLine:
    """Return slope and intercept of a logistic regression of the labels on the stated log-odds.

    Source: Cox, "Two further applications of a model for binary regression", Biometrika 45 (1958).

    Raises:
        ValueError: one class only, or the same probability for all: no line can be drawn.
    """
    truth, stated = _checked(labels, probabilities)
    clipped = np.clip(stated, _CLIP, 1 - _CLIP)
    log_odds = np.log(clipped / (1 - clipped))
    if truth.min() == truth.max() or np.ptp(log_odds) <= 0:
        raise ValueError("a calibration line needs both classes and more than one probability")
    middle, spread = float(log_odds.mean()), float(log_odds.std())
    design = np.stack([np.ones_like(log_odds), (log_odds - middle) / spread], axis=1)
    coef = _logistic(design, truth)
    slope = float(coef[1] / spread)
    return CalibrationLine(slope, float(coef[0] - slope * middle))


def adaptive_calibration_error(
    labels: ArrayLike, probabilities: ArrayLike, *, bins: int = 10
) -> float:
    """Return the mean distance between stated and observed rate over bins of equally many rows.

    Bins of equal width leave most bins empty when all probabilities lie near a low base rate;
    these adapt to where the probabilities are. Equal probabilities share a bin. Source: Nguyen,
    O'Connor, "Posterior calibration and exploratory analysis for natural language processing
    models", EMNLP (2015).
    """
    truth, stated = _checked(labels, probabilities)
    which = _equal_mass(stated, bins)
    return _error(truth, stated, which)


def consistency_band(
    probabilities: ArrayLike,
    *,
    seed: int,
    bins: int = 10,
    resamples: int = 1000,
    confidence: float = 0.95,
) -> tuple[float, float]:
    """Return what :func:`adaptive_calibration_error` shows if every stated probability is true.

    Labels are drawn from the probabilities themselves; an error within the band gives no reason
    to doubt the calibration, however large it looks. Source: Bröcker, Smith, "Increasing the
    reliability of reliability diagrams", Weather and Forecasting 22 (2007).

    Args:
        probabilities: shape (n,).
        seed: of the drawing.
        bins: as for the error itself.
        resamples: how many sets of labels are drawn.
        confidence: coverage, between 0 and 1.

    Returns:
        The lower and the upper quantile.
    """
    stated = np.asarray(probabilities, dtype=np.float64)
    _checked(np.zeros_like(stated), stated)
    which = _equal_mass(stated, bins)
    generator = np.random.default_rng(seed)
    errors = [
        _error((generator.random(stated.size) < stated).astype(np.float64), stated, which)
        for _ in range(resamples)
    ]
    tail = (1 - confidence) / 2
    low, high = np.quantile(errors, [tail, 1 - tail])
    return float(low), float(high)


def _equal_mass(stated: NDArray[np.float64], bins: int) -> NDArray[np.intp]:
    """Return the bin of each row: equally many rows each, but ties stay together."""
    if bins < 1:
        raise ValueError("bins must be at least 1")
    _, inverse, counts = np.unique(stated, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - counts / 2
    of_value = np.minimum((middle * bins / stated.size).astype(np.intp), bins - 1)
    return np.asarray(of_value[inverse], dtype=np.intp)


def _error(
    truth: NDArray[np.float64], stated: NDArray[np.float64], which: NDArray[np.intp]
) -> float:
    gaps = np.bincount(which, weights=stated - truth)
    return float(np.abs(gaps).sum() / truth.size)


def _logistic(design: NDArray[np.float64], truth: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the maximum-likelihood coefficients by damped Newton steps."""
    coef = np.zeros(design.shape[1])
    ridge = 1e-9 * np.eye(design.shape[1])  # keeps separable data from dividing by nothing
    for _ in range(_STEPS):
        expected = 0.5 * (1 + np.tanh(0.5 * (design @ coef)))
        slope = design.T @ (truth - expected)
        curvature = (design * (expected * (1 - expected))[:, None]).T @ design + ridge
        step = np.linalg.solve(curvature, slope)
        coef += step / max(1.0, float(np.abs(step).max()) / 2)
        if float(np.abs(step).max()) < 1e-10:  # noqa: PLR2004
            break
    return coef


def _checked(
    labels: ArrayLike, probabilities: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    truth = np.asarray(labels, dtype=np.float64)
    stated = np.asarray(probabilities, dtype=np.float64)
    if truth.ndim != 1 or truth.shape != stated.shape or truth.size == 0:
        raise ValueError("labels and probabilities must be non-empty vectors of one length")
    if not np.isin(truth, (0.0, 1.0)).all():
        raise ValueError("labels must be 0 or 1")
    if not ((stated >= 0) & (stated <= 1)).all():
        raise ValueError("probabilities must lie between 0 and 1")
    return truth, stated

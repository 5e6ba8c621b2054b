"""How sure is a figure: bootstrap over groups.

Rows of one group (for example the candidates of one vacancy) are not independent, so groups are
resampled, not rows. Source: Davison, Hinkley, "Bootstrap Methods and their Application" (1997),
section 3.8; percentile intervals, section 5.3.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Interval", "Statistic", "difference", "group_bootstrap", "paired_bootstrap"]

Statistic: TypeAlias = Callable[[NDArray[np.int64]], float]
"""A figure of the rows at the given positions; a position may occur more than once."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its percentile interval: ``low <= estimate <= high`` as a rule."""

    estimate: float
    low: float
    high: float

    def __str__(self) -> str:
        """Return for example ``0.210 [0.190, 0.231]``."""
        return f"{self.estimate:.3f} [{self.low:.3f}, {self.high:.3f}]"


def group_bootstrap(
    values: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    seed: int,
    resamples: int = 2000,
    confidence: float = 0.95,
) -> Interval:
    """Return the mean of ``values`` with a percentile interval from resampling whole groups.

    Args:
        values: shape (n,), one figure per row.
        groups: shape (n,), the group of each row; every row is its own group if left out.
        seed: of the resampling.
        resamples: number of bootstrap samples.
        confidence: coverage, between 0 and 1.

    Raises:
        ValueError: no values, lengths differ, or the confidence is not between 0 and 1.
    """
    figures = np.asarray(values, dtype=np.float64)
    if figures.ndim != 1 or figures.size == 0:
        raise ValueError("values must be a non-empty vector")
    if not 0 < confidence < 1:
        raise ValueError("confidence must lie between 0 and 1")
    labels = np.arange(figures.size) if groups is None else np.asarray(groups)
    if labels.shape != figures.shape:
        raise ValueError("values and groups must have one length")
    _, inverse = np.unique(labels, return_inverse=True)
    sums = np.bincount(inverse, weights=figures).astype(np.float64)
    sizes = np.bincount(inverse).astype(np.float64)
    means = _resampled_means(sums, sizes, np.random.default_rng(seed), resamples)
    tail = (1 - confidence) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return Interval(float(figures.mean()), float(low), float(high))


def paired_bootstrap(
    first: ArrayLike,
    second: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    seed: int,
    resamples: int = 2000,
    confidence: float = 0.95,
) -> Interval:
    """Return the mean of ``first - second`` with its interval; the rows of both are paired.

    An interval above 0 says that ``first`` is better on such queries, not only on these.
    Arguments and errors as for :func:`group_bootstrap`.
    """
    one, two = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if one.shape != two.shape:
        raise ValueError("first and second must have one length")
    return group_bootstrap(one - two, groups, seed=seed, resamples=resamples, confidence=confidence)


def difference(
    first: Statistic,
    second: Statistic,
    count: int,
    *,
    seed: int,
    resamples: int = 1000,
    confidence: float = 0.95,
) -> Interval:
    """Return ``first - second`` on the same rows with its percentile interval.

    For figures that are not means of rows, such as the area under a ROC curve. Resamples for which
    a figure is not defined (only one class drawn) are left out.

    Args:
        first: the one figure, of rows at positions below ``count``.
        second: the other.
        count: number of rows, which are independent of each other.
        seed: of the resampling.
        resamples: number of bootstrap samples.
        confidence: coverage, between 0 and 1.

    Raises:
        ValueError: no rows, or a figure is not defined on all of them.
    """
    if count < 1:
        raise ValueError("there is nothing to resample")
    everything = np.arange(count)
    estimate = first(everything) - second(everything)
    generator = np.random.default_rng(seed)
    drawn = []
    for _ in range(resamples):
        rows = generator.integers(0, count, count)
        try:
            drawn.append(first(rows) - second(rows))
        except ValueError:
            continue
    if not drawn:
        raise ValueError("the figures are not defined on resampled rows")
    tail = (1 - confidence) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return Interval(float(estimate), float(low), float(high))


def _resampled_means(
    sums: NDArray[np.float64],
    sizes: NDArray[np.float64],
    generator: np.random.Generator,
    resamples: int,
) -> NDArray[np.float64]:
    means = np.empty(resamples)
    for index in range(resamples):
        drawn = generator.integers(0, sums.size, sums.size)
        means[index] = sums[drawn].sum() / sizes[drawn].sum()
    return means

"""Small linear learners whose every number can be read: conditional logit, ridge logit, Platt."""

from collections.abc import Callable
from typing import Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["ConditionalLogit", "PlattScaling", "RidgeLogit", "sigmoid"]

_MAX_ITERATIONS = 500
_MIN_SLOPE = 1e-3


def sigmoid(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1 / (1 + exp(-values)) without overflow."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * values)), dtype=np.float64)


class ConditionalLogit:
    """Logistic regression within groups: which items of a group were chosen.

    Maximises the likelihood of the chosen items under a softmax over the items of their group, so
    it learns to rank within a group, and what is constant in a group has no influence. Sources:
    McFadden, "Conditional logit analysis of qualitative choice behavior" (1974), which also shows
    that a uniform sample of the items not chosen suffices; as a ranking loss, Cao et al.,
    "Learning to rank: from pairwise approach to listwise approach", ICML (2007).

    Args:
        penalty: ridge (L2) penalty on the coefficients.
        nonnegative: allow no negative coefficient, so that a higher feature never lowers a score.

    Attributes:
        coef_: shape (features,).
    """

    coef_: NDArray[np.float64]

    def __init__(self, *, penalty: float = 1.0, nonnegative: bool = True) -> None:
        self.penalty = penalty
        self.nonnegative = nonnegative

    def fit(
        self,
        features: NDArray[np.float32],
        chosen: NDArray[np.bool_],
        starts: NDArray[np.int64],
    ) -> Self:
        """Learn from rows sorted by group.

        Args:
            features: shape (rows, features).
            chosen: shape (rows,); every group needs one chosen row at least.
            starts: shape (groups,), the first row of each group, ascending from 0.

        Raises:
            ValueError: a group without a chosen row.
        """
        sizes = np.diff(np.append(starts, chosen.size))
        wanted = np.add.reduceat(chosen.astype(np.float64), starts)
        if not np.all(wanted > 0):
            raise ValueError("every group needs a chosen row")
        share = chosen / np.repeat(wanted, sizes)

        def loss(coef: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            utility = np.asarray(features @ coef.astype(np.float32), dtype=np.float64)
            utility -= np.repeat(np.maximum.reduceat(utility, starts), sizes)
            raised = np.exp(utility)
            totals = np.add.reduceat(raised, starts)
            probability = raised / np.repeat(totals, sizes)
            value = float(np.log(totals).sum() - share @ utility)
            gradient = (probability - share).astype(np.float32) @ features
            return (
                value + self.penalty * float(coef @ coef),
                gradient.astype(np.float64) + 2 * self.penalty * coef,
            )

        count = features.shape[1]
        lowest = 0.0 if self.nonnegative else None
        self.coef_ = _minimum(loss, np.full(count, 0.1), [(lowest, None)] * count)
        return self


class RidgeLogit:
    """Logistic regression with a ridge (L2) penalty, shrunk towards the base rate.

    Source: le Cessie, van Houwelingen, "Ridge estimators in logistic regression", Applied
    Statistics 41 (1992).

    Args:
        penalty: on the coefficients of standardised features, not on the intercept.

    Attributes:
        coef_: shape (features,).
        intercept_: any.
        covariance_: of the coefficients and, last, the intercept (Laplace's approximation), shape
            (features + 1, features + 1).
    """

    coef_: NDArray[np.float64]
    intercept_: float
    covariance_: NDArray[np.float64]

    def __init__(self, *, penalty: float = 1.0) -> None:
        self.penalty = penalty

    def fit(self, features: NDArray[np.float64], labels: NDArray[np.bool_]) -> Self:
        """Learn from features, shape (rows, features), and labels, shape (rows,).

        Raises:
            ValueError: only one class is present.
        """
        if labels.all() or not labels.any():
            raise ValueError("a regression needs both classes")
        design = np.column_stack([features, np.ones(labels.size)])
        truth = labels.astype(np.float64)
        ridge = np.append(np.full(features.shape[1], self.penalty), 0.0)

        def loss(coef: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            logit = design @ coef
            value = float((np.logaddexp(0, logit) - truth * logit).sum())
            gradient = design.T @ (sigmoid(logit) - truth)
            return value + 0.5 * float(ridge @ coef**2), gradient + ridge * coef

        share = float(truth.mean())
        start = np.append(np.zeros(features.shape[1]), np.log(share / (1 - share)))
        coef = _minimum(loss, start, [(None, None)] * start.size)
        expected = sigmoid(design @ coef)
        curvature = (design * (expected * (1 - expected))[:, None]).T @ design + np.diag(ridge)
        self.coef_, self.intercept_ = coef[:-1], float(coef[-1])
        self.covariance_ = np.asarray(np.linalg.inv(curvature), dtype=np.float64)
        return self


class PlattScaling:
    """Probability from a score: sigmoid(slope * score + intercept), slope always positive.

    It keeps the order of the scores, which isotonic regression does not (it makes ties). Source:
    Platt, "Probabilistic outputs for support vector machines" (1999). Fit it on scores of rows
    that the scorer was not trained on.

    Attributes:
        slope_: above 0.
        intercept_: any.
    """

    slope_: float
    intercept_: float

    def fit(
        self,
        scores: NDArray[np.float64],
        labels: NDArray[np.bool_],
        weights: NDArray[np.float64],
    ) -> Self:
        """Learn from scores, labels and weights, all of shape (rows,).

        Raises:
            ValueError: only one class is present.
        """
        if labels.all() or not labels.any():
            raise ValueError("calibration needs both classes")
        truth = labels.astype(np.float64)
        weights = weights / weights.sum()

        def loss(params: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            logit = params[0] * scores + params[1]
            error = weights * (sigmoid(logit) - truth)
            value = float(weights @ (np.logaddexp(0, logit) - truth * logit))
            return value, np.array([error @ scores, error.sum()])

        found = _minimum(loss, np.array([1.0, 0.0]), [(_MIN_SLOPE, None), (None, None)])
        self.slope_, self.intercept_ = float(found[0]), float(found[1])
        return self


def _minimum(
    loss: Callable[[NDArray[np.float64]], tuple[float, NDArray[np.float64]]],
    start: NDArray[np.float64],
    bounds: list[tuple[float | None, float | None]],
) -> NDArray[np.float64]:
    """Return where a smooth convex loss, given with its gradient, is least within bounds."""
    # Only training needs it, and importing it takes longer than starting the rest of a service.
    from scipy.optimize import minimize  # noqa: PLC0415

    options = {"maxiter": _MAX_ITERATIONS}
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    return np.asarray(found.x, dtype=np.float64)

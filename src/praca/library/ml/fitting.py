"""The three estimators. Loads scikit-learn: only training imports it.

Hyper-parameters were chosen once and are not searched for: a thousand books are too few to pay for
a search honestly. Classes weigh the same whatever their size, as in the old system. Every fit runs
on one core and gives the same numbers for the same data; what runs at a time is decided by
:func:`praca.learning.parallel.run_all`.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.svm import LinearSVC

from praca.library.ml.classifiers import Classifier, Forest, Linear
from praca.library.ml.names import ModelKind

__all__ = ["SEED", "estimator", "fit", "lean", "split"]

SEED: Final = 42
"""Of everything that is drawn; the old system's."""


def estimator(kind: ModelKind, *, trees: int) -> Any:
    """Return the unfitted estimator of scikit-learn."""
    if kind is ModelKind.RANDOM_FOREST:
        return RandomForestClassifier(trees, class_weight="balanced", random_state=SEED, n_jobs=1)
    if kind is ModelKind.SVM:
        return LinearSVC(C=1.0, class_weight="balanced", random_state=SEED, max_iter=20_000)
    return LogisticRegression(
        C=10.0, class_weight="balanced", solver="newton-cg", tol=1e-3, max_iter=500
    )


def lean(kind: ModelKind, fitted: Any, width: int) -> Classifier:
    """Return the arrays of a fitted estimator as what predicts."""
    if kind is ModelKind.RANDOM_FOREST:
        return Forest.of([tree.tree_ for tree in fitted.estimators_], width)
    return Linear.of(fitted.coef_, fitted.intercept_)


def fit(kind: ModelKind, features: Any, labels: NDArray[np.int64], trees: int) -> Classifier:
    """Fit one model.

    Args:
        kind: which.
        features: sparse, shape (rows, columns).
        labels: shape (rows,); every class must occur.
        trees: of a random forest.
    """
    # Trees and SVM read the one kind of index that their C code knows.
    features.indices = features.indices.astype(np.int32, copy=False)
    features.indptr = features.indptr.astype(np.int32, copy=False)
    return lean(kind, estimator(kind, trees=trees).fit(features, labels), features.shape[1])


def split(
    labels: NDArray[np.int64], groups: NDArray[np.int64], folds: int, *, seed: int = SEED
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Return the training and test rows of each fold; a group is never in both.

    Classes have about the same share in every fold.
    """
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    return [
        (train.astype(np.int64), test.astype(np.int64))
        for train, test in splitter.split(np.zeros(labels.size), labels, groups)
    ]

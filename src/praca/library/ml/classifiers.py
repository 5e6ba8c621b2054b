"""Fitted classifiers as plain arrays: what answers a prediction, without scikit-learn.

One row through ``predict`` of scikit-learn takes from half a millisecond to several: validation,
one call per tree. The arrays of the fitted estimators say all that is needed, and can be checked
before they are used; so nothing else is stored, and an artefact holds nothing that could run. The
tests demand that both give the same classes on thousands of rows.
"""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from praca.learning.artifacts import ArtifactError, array_from_bytes, array_to_bytes
from praca.library.ml.features import Sparse

__all__ = ["Classifier", "Forest", "Linear"]

_DENSE: Final = 2
"""The last columns, price and availability, are in every row; all others are 0 or more."""


class Classifier(Protocol):
    """What gives every class a score; the highest one is predicted, the first if several are."""

    def scores(self, row: Sparse) -> NDArray[np.float64]:
        """Return the score of each class, shape (classes,)."""
        ...

    def to_files(self) -> dict[str, bytes]:
        """Return the arrays as files."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """Scores that are weighted sums: logistic regression and linear SVM.

    Attributes:
        coef: float64, shape (columns, classes).
        intercept: float64, shape (classes,).
    """

    coef: NDArray[np.float64]
    intercept: NDArray[np.float64]

    @classmethod
    def of(cls, coef: NDArray[np.float64], intercept: NDArray[np.float64]) -> Self:
        """Make it of scikit-learn's: one row of weights per class, or a single one for two."""
        if coef.shape[0] == 1:
            coef = np.concatenate([-coef, coef]) / 2
            intercept = np.concatenate([-intercept, intercept]) / 2
        return cls(np.ascontiguousarray(coef.T), np.ascontiguousarray(intercept))

    def scores(self, row: Sparse) -> NDArray[np.float64]:
        """Return the score of each class; the gap between two is their log-odds or margin."""
        columns, values = row
        return np.asarray(values @ self.coef[columns] + self.intercept)

    def to_files(self) -> dict[str, bytes]:
        """Return the arrays as files."""
        return {
            "coef.npy": array_to_bytes(self.coef),
            "intercept.npy": array_to_bytes(self.intercept),
        }

    @classmethod
    def from_files(cls, files: Mapping[str, bytes], width: int, classes: int) -> Self:
        """Read what :meth:`to_files` wrote.

        Raises:
            ArtifactError: a file is missing, damaged, or of another size.
        """
        coef = array_from_bytes(_file(files, "coef.npy"), np.float64, (width, classes))
        intercept = array_from_bytes(_file(files, "intercept.npy"), np.float64, (classes,))
        if not (np.isfinite(coef).all() and np.isfinite(intercept).all()):
            raise ArtifactError("Um peso do modelo de livros não é um número.")
        return cls(coef, intercept)


class Forest:
    """The mean of many trees, all of them looked through at once.

    A tree goes right only where a feature is above its threshold, and what a title lacks is 0,
    which is above none: of a tree's hundreds of nodes only those of the row's own terms, of its
    shelf and its price can send it right. Leaves are numbered from left to right. A node that sends
    right rules out the leaves to its left, ``begin`` to ``end``; the leaf a tree answers with is
    the first one that no node rules out. Source: Lucchese et al., "QuickScorer: a fast algorithm
    to rank documents with additive ensembles of regression trees", SIGIR (2015); here by intervals
    instead of bit vectors, as the leaves that a node rules out are neighbours.

    Args:
        starts: int64, shape (columns + 1,): the nodes of a column are ``starts[c]`` and following.
        thresholds: float64, shape (nodes,), ascending within a column.
        begin: int64, shape (nodes,), first leaf below the node.
        end: int64, shape (nodes,), first leaf to the right of those it rules out.
        trees: int64, shape (trees,), first leaf of each tree.
        values: float64, shape (leaves, classes), the share of each class.
    """

    _ARRAYS: Final = ("starts", "thresholds", "begin", "end", "trees", "values")

    def __init__(
        self,
        starts: NDArray[np.int64],
        thresholds: NDArray[np.float64],
        begin: NDArray[np.int64],
        end: NDArray[np.int64],
        trees: NDArray[np.int64],
        values: NDArray[np.float64],
    ) -> None:
        self.starts, self.thresholds, self.begin, self.end = starts, thresholds, begin, end
        self.trees, self.values = trees, values
        # Searching one list by column is several times as fast as numpy for so few.
        self._starts: list[int] = starts.tolist()
        self._thresholds: list[float] = thresholds.tolist()
        self._leaves = np.arange(len(values))

    def scores(self, row: Sparse) -> NDArray[np.float64]:
        """Return the mean share of each class."""
        nodes = self._sending_right(row)
        next_leaf = self._leaves.copy()
        np.maximum.at(next_leaf, self.begin[nodes], self.end[nodes])
        leaves = self.trees
        while True:
            following = next_leaf[leaves]
            if np.array_equal(following, leaves):
                return np.asarray(self.values[leaves].sum(axis=0) / self.trees.size)
            leaves = following

    def _sending_right(self, row: Sparse) -> NDArray[np.int64]:
        """Return the nodes whose threshold the row exceeds."""
        starts, thresholds = self._starts, self._thresholds
        found = []
        # Trees compare single with double precision.
        for column, value in zip(row[0].tolist(), row[1].astype(np.float32).tolist(), strict=True):
            first = starts[column]
            last = bisect_left(thresholds, value, first, starts[column + 1])
            if last > first:
                found.append(np.arange(first, last))
        return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)

    @classmethod
    def of(cls, trees: list[Any], width: int) -> Self:
        """Make it of scikit-learn's fitted trees (``tree_`` of each), for ``width`` columns."""
        nodes: list[tuple[int, float, int, int]] = []
        first_leaves, values = [], []
        leaves = 0
        for tree in trees:
            first_leaves.append(leaves)
            order, inner = _left_to_right(tree, leaves)
            nodes += inner
            values.append(tree.value[order, 0, :])
            leaves += len(order)
        nodes.sort()
        columns = np.array([node[0] for node in nodes], dtype=np.int64)
        return cls(
            np.searchsorted(columns, np.arange(width + 1)).astype(np.int64),
            np.array([node[1] for node in nodes], dtype=np.float64),
            np.array([node[2] for node in nodes], dtype=np.int64),
            np.array([node[3] for node in nodes], dtype=np.int64),
            np.array(first_leaves, dtype=np.int64),
            np.concatenate(values),
        )

    def to_files(self) -> dict[str, bytes]:
        """Return the arrays as files."""
        return {f"{name}.npy": array_to_bytes(getattr(self, name)) for name in self._ARRAYS}

    @classmethod
    def from_files(cls, files: Mapping[str, bytes], width: int, classes: int) -> Self:
        """Read what :meth:`to_files` wrote.

        Raises:
            ArtifactError: a file is missing, damaged, or does not fit the others.
        """
        whole = {
            name: array_from_bytes(_file(files, f"{name}.npy"), np.int64, shape)
            for name, shape in (
                ("starts", (width + 1,)),
                ("begin", (None,)),
                ("end", (None,)),
                ("trees", (None,)),
            )
        }
        nodes = whole["begin"].size
        thresholds = array_from_bytes(_file(files, "thresholds.npy"), np.float64, (nodes,))
        values = array_from_bytes(_file(files, "values.npy"), np.float64, (None, classes))
        found = cls(thresholds=thresholds, values=values, **whole)
        if not found._fits():
            raise ArtifactError("As árvores do modelo de livros não se encaixam.")
        return found

    def _fits(self) -> bool:
        """Tell whether every number may be used as the index it is, and every look ends."""
        starts, begin, end, trees = self.starts, self.begin, self.end, self.trees
        if end.size != begin.size or not trees.size or trees[0] != 0:
            return False
        ordered = starts[0] == 0 and starts[-1] == begin.size and (np.diff(starts) >= 0).all()
        ends = np.append(trees[1:], len(self.values))
        if not ordered or not (trees < ends).all():
            return False
        if not (np.isfinite(self.values).all() and np.isfinite(self.thresholds).all()):
            return False
        if not ((begin >= 0).all() and (begin < end).all()):
            return False
        of_tree = np.searchsorted(trees, begin, side="right") - 1
        sparse = self.thresholds[: starts[-1 - _DENSE]]
        ascending = all(
            (np.diff(self.thresholds[first:last]) >= 0).all()
            for first, last in pairwise(starts.tolist())
        )
        return bool((end < ends[of_tree]).all() and (sparse >= 0).all() and ascending)


def _left_to_right(
    tree: Any, first_leaf: int
) -> tuple[list[int], list[tuple[int, float, int, int]]]:
    """Number a tree's leaves from left to right, the first one ``first_leaf``.

    Returns:
        The nodes that are leaves, in this order; of each other node its column, its threshold,
        the first leaf below it and the first one to its right.
    """
    left, right = tree.children_left.tolist(), tree.children_right.tolist()
    columns, thresholds = tree.feature.tolist(), tree.threshold.tolist()
    leaves: list[int] = []
    begins: dict[int, int] = {}
    inner: list[tuple[int, float, int, int]] = []
    # A node comes back, as its complement, when all to its left has been numbered.
    waiting = [0]
    while waiting:
        node = waiting.pop()
        if node < 0:
            node = ~node
            after = first_leaf + len(leaves)
            inner.append((columns[node], thresholds[node], begins[node], after))
            waiting.append(right[node])
        elif left[node] < 0:
            leaves.append(node)
        else:
            begins[node] = first_leaf + len(leaves)
            waiting += [~node, left[node]]
    return leaves, inner


def _file(files: Mapping[str, bytes], name: str) -> bytes:
    try:
        return files[name]
    except KeyError:
        raise ArtifactError(f"Falta um arquivo no modelo de livros: {name}.") from None

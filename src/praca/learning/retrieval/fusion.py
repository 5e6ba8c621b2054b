"""One ranking out of several."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["reciprocal_rank_fusion"]


def reciprocal_rank_fusion(rankings: Sequence[ArrayLike], *, k: int = 60) -> NDArray[np.float64]:
    """Return the fused score of every item: the sum of 1 / (k + rank) over the rankings.

    Only the order of each scorer counts, so their scales need not agree. Equal scores rank in
    order of position. Source: Cormack, Clarke, Büttcher, "Reciprocal rank fusion outperforms
    Condorcet and individual rank learning methods", SIGIR (2009).

    Args:
        rankings: one score vector of shape (n,) per scorer, higher is better.
        k: dampens the weight of the first ranks.

    Raises:
        ValueError: no rankings, or of different lengths.
    """
    if not rankings:
        raise ValueError("nothing to fuse")
    scores = np.stack([np.asarray(ranking, dtype=np.float64) for ranking in rankings])
    order = np.argsort(-scores, axis=1, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(1, scores.shape[1] + 1)[None, :], axis=1)
    return np.asarray(np.sum(1.0 / (k + ranks), axis=0), dtype=np.float64)

"""How good is an ordering: reciprocal rank, recall and discounted cumulative gain.

All functions take the relevance of the ranked items from best to worst and describe one query;
average over queries for the figure usually quoted.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["ndcg_at", "rank_of", "recall_at", "reciprocal_rank"]


def rank_of(scores: ArrayLike, item: int) -> float:
    """Return the 1-based rank of ``scores[item]`` (higher is better); ties share the mean rank.

    The mean rank of a tie keeps a constant scorer at chance instead of at the top.
    """
    values = np.asarray(scores, dtype=np.float64)
    above = int(np.count_nonzero(values > values[item]))
    tied = int(np.count_nonzero(values == values[item]))
    return above + (tied + 1) / 2


def reciprocal_rank(relevance: ArrayLike) -> float:
    """Return 1 / rank of the first relevant item, 0 if there is none.

    Averaged over queries this is MRR. Source: Voorhees, "The TREC-8 question answering track
    report" (1999).

    Args:
        relevance: shape (n,), > 0 means relevant, best-ranked first.
    """
    hits = np.flatnonzero(np.asarray(relevance) > 0)
    return 0.0 if hits.size == 0 else 1.0 / float(hits[0] + 1)


def recall_at(relevance: ArrayLike, k: int) -> float:
    """Return the share of all relevant items that are among the first ``k``.

    Args:
        relevance: shape (n,), > 0 means relevant, best-ranked first; holds *every* relevant item.
        k: cut-off, at least 1.

    Returns:
        Between 0 and 1; 0 if nothing is relevant.

    Source: Manning, Raghavan, Schütze, "Introduction to Information Retrieval" (2008), ch. 8.
    """
    _check_cutoff(k)
    relevant = np.asarray(relevance) > 0
    total = int(np.count_nonzero(relevant))
    return 0.0 if total == 0 else float(np.count_nonzero(relevant[:k])) / total


def ndcg_at(relevance: ArrayLike, k: int) -> float:
    """Return the discounted cumulative gain at ``k`` over that of the ideal order.

    The gain is the relevance itself (linear) and the discount ``1 / log2(rank + 1)``, as in
    ``sklearn.metrics.ndcg_score``. Source: Järvelin, Kekäläinen, "Cumulated gain-based
    evaluation of IR techniques", ACM TOIS 20(4) (2002).

    Args:
        relevance: shape (n,), grades >= 0, best-ranked first.
        k: cut-off, at least 1.

    Returns:
        Between 0 and 1; 0 if nothing is relevant.
    """
    _check_cutoff(k)
    gains = np.asarray(relevance, dtype=np.float64)
    ideal = _dcg(np.sort(gains)[::-1][:k])
    return 0.0 if ideal == 0 else _dcg(gains[:k]) / ideal


def _dcg(gains: NDArray[np.float64]) -> float:
    return float(np.sum(gains / np.log2(np.arange(2, gains.size + 2))))


def _check_cutoff(k: int) -> None:
    if k < 1:
        raise ValueError("k must be at least 1")

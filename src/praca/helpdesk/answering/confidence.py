"""How sure is it that the first article is the right one, and that there is a right one at all.

A logistic regression of a few measures of the first article. The measures have no unit of a corpus
(shares, cosines, rarities over the largest there can be), so that coefficients learned on one
city's articles hold for another's. Source: Platt, "Probabilistic outputs for support vector
machines", in Advances in Large Margin Classifiers (1999); what predicts that a search failed:
Cronen-Townsend, Zhou, Croft, "Predicting query performance", SIGIR (2002). How the coefficients
were obtained: ``docs/explain/answering-quality.md``.
"""

import math
from typing import Final, NamedTuple

__all__ = ["Evidence", "probability"]


class Evidence(NamedTuple):
    """What speaks for the first article, each between 0 and 1.

    Attributes:
        agreement: mean of the scaled signals; 1 if every signal puts it first.
        margin: by how much that exceeds the second article's.
        coverage: share of the question's weight that is in the article.
        unknown: share of the question's weight that is in no article at all.
        elsewhere: 1 if it names a place that no article does, else 0.
        specific: how much the question says beyond its frame, at most 1.
    """

    agreement: float
    margin: float
    coverage: float
    unknown: float
    elsewhere: float
    specific: float


_INTERCEPT: Final = -5.9
_COEFFICIENTS: Final = Evidence(
    agreement=4.1, margin=5.6, coverage=2.2, unknown=-2.5, elsewhere=-4.0, specific=1.7
)
"""Learned, but for ``elsewhere``, which too few questions show: it is set to turn a sure answer
(98 %) into an even chance."""


def probability(evidence: Evidence) -> float:
    """Return the probability that the first article answers the question."""
    terms = zip(_COEFFICIENTS, evidence, strict=True)
    return 1 / (1 + math.exp(-_INTERCEPT - sum(weight * value for weight, value in terms)))

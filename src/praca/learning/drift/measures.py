"""How far two samples lie apart, and whether chance explains it; everything is read from counts.

*Effect* and *significance* are apart on purpose. The population stability index (PSI) says how much
has changed; it is biased upward when rows are few, so its expectation without any change is taken
off. A p-value says whether chance could have done it; with a million rows it sees what nobody
should care about.
"""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "chi_square",
    "document_frequency_test",
    "equal_groups",
    "grouped",
    "holm",
    "kolmogorov_smirnov",
    "psi",
    "psi_by_chance",
]

Counts = NDArray[np.int64]
_SMOOTHING: Final = 0.5
_EXPECTED: Final = 5.0


def psi(reference: Counts, current: Counts) -> float:
    """Return the population stability index of two samples counted in the same bins.

    Sum of (q - p) ln(q / p). Half a row is added to each bin that occurs at all, so that an empty
    one gives a large figure and not infinity. Source: Siddiqi, "Credit risk scorecards" (2006); it
    is Jeffreys' divergence.
    """
    occurs = reference + current > 0
    if np.count_nonzero(occurs) < 2 or not reference.any() or not current.any():  # noqa: PLR2004
        return 0.0
    p, q = (counts[occurs] + _SMOOTHING for counts in (reference, current))
    p, q = p / p.sum(), q / q.sum()
    return float(np.sum((q - p) * np.log(q / p)))


def psi_by_chance(bins: int, reference_rows: int, current_rows: int) -> float:
    """Return the PSI to expect if nothing has changed: (bins - 1)(1/n + 1/m).

    PSI / (1/n + 1/m) is then near chi-square with bins - 1 degrees of freedom. Source: Yurdakul,
    "Statistical properties of population stability index", Western Michigan University (2018).
    """
    if min(bins, reference_rows, current_rows) < 1:
        return 0.0
    return (bins - 1) * (1 / reference_rows + 1 / current_rows)


def kolmogorov_smirnov(reference: Counts, current: Counts) -> tuple[float, float]:
    """Return the greatest distance between two cumulative distributions, and its p-value.

    At the borders of the cells: see ``sketches`` for what that may miss. The p-value is the
    two-sided one of Kolmogorov's limit, which few rows, ties and cells only make too large. Source:
    Smirnov, "Table for estimating the goodness of fit of empirical distributions" (1948).
    """
    n, m = int(reference.sum()), int(current.sum())
    if not n or not m:
        return 0.0, 1.0
    distance = float(np.max(np.abs(np.cumsum(reference) / n - np.cumsum(current) / m)))
    from scipy.special import kolmogorov  # noqa: PLC0415  # no service that answers needs it

    return distance, float(kolmogorov(distance * np.sqrt(n * m / (n + m))))


def chi_square(reference: Counts, current: Counts) -> tuple[float, float]:
    """Return Pearson's statistic for two samples counted in the same bins, and its p-value.

    Bins with fewer than 5 expected rows in either sample are pooled. Sources: Pearson (1900);
    Cochran, "Some methods for strengthening the common chi-square tests", Biometrics 10 (1954).
    """
    table = _pooled(np.stack([reference, current]).astype(np.float64))
    total = table.sum()
    if table.shape[1] < 2 or not table.sum(axis=1).all():  # noqa: PLR2004
        return 0.0, 1.0
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / total
    statistic = float(np.sum((table - expected) ** 2 / expected))
    return statistic, _chi_square_tail(statistic, table.shape[1] - 1)


def document_frequency_test(
    reference: Counts, reference_texts: int, current: Counts, current_texts: int
) -> tuple[float, float]:
    """Return the largest 2 x 2 chi-square over terms, and its p-value corrected for their number.

    Within a text terms come together, so counts of terms are no independent trials; whether a text
    has a term is one, so each term is tested by itself and the least p-value times the number of
    terms (Bonferroni) holds whatever hangs together. Yates' correction keeps rare terms honest.

    Args:
        reference: in how many texts each term occurs, shape (terms,).
        reference_texts: number of texts.
        current: as ``reference``.
        current_texts: as ``reference_texts``.
    """
    total = reference_texts + current_texts
    if not reference_texts or not current_texts:
        return 0.0, 1.0
    found = (reference + current).astype(np.float64)
    smaller = min(reference_texts, current_texts)
    tested = np.minimum(found, total - found) * smaller / total >= _EXPECTED
    if not tested.any():
        return 0.0, 1.0
    found = found[tested]
    expected = found * current_texts / total
    distance = np.maximum(np.abs(current[tested] - expected) - 0.5, 0)
    variance = found * (total - found) / total**2 * current_texts * reference_texts / total
    statistic = float(np.max(distance**2 / variance))
    return statistic, min(1.0, _chi_square_tail(statistic, 1) * int(np.count_nonzero(tested)))


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """Return the p-values corrected for their number: q <= alpha errs once in 1 / alpha families.

    It holds however the tests depend on each other, and features of one row do. Source: Holm, "A
    simple sequentially rejective multiple test procedure" (1979).
    """
    given = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(given, kind="stable")
    steps = given[order] * np.arange(given.size, 0, -1)
    corrected = np.empty_like(given)
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1) if given.size else steps
    return corrected


def equal_groups(counts: Counts, groups: int) -> NDArray[np.int64]:
    """Return the number of a group for each cell: neighbours with about equal shares of rows.

    A cell with more than its share stands alone; groups that got no cell are left out.
    """
    total = max(1, int(counts.sum()))
    middle = (np.cumsum(counts) - counts / 2) / total
    at = np.minimum((middle * groups).astype(np.int64), groups - 1)
    return np.unique(at, return_inverse=True)[1].reshape(-1)


def grouped(counts: Counts, groups: NDArray[np.int64]) -> Counts:
    """Return the sums of ``counts`` over the cells of each group."""
    return np.bincount(groups, weights=counts).astype(np.int64)


def _pooled(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the table with its rarest columns added up until each is expected often enough."""
    table = table[:, table.sum(axis=0) > 0]
    total = table.sum()
    if not total:
        return table
    expected = table.sum(axis=0) * table.sum(axis=1).min() / total
    order = np.argsort(expected, kind="stable")
    rare = int(np.count_nonzero(expected < _EXPECTED))
    # What is pooled must itself be expected often enough: perhaps one more column has to go in.
    while 0 < rare < order.size and expected[order[:rare]].sum() < _EXPECTED:
        rare += 1
    if not rare:
        return table
    pool = table[:, order[:rare]].sum(axis=1, keepdims=True)
    return np.concatenate([table[:, order[rare:]], pool], axis=1)


def _chi_square_tail(statistic: float, freedom: int) -> float:
    from scipy.special import chdtrc  # noqa: PLC0415  # as above

    return float(chdtrc(freedom, statistic))

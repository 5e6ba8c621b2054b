"""The score of pairs: coefficients on standardised features, folded for speed.

With learned coefficients w, means m and deviations s, the log-odds of a pair is the sum over
features of w (x - m) / s, plus an intercept. Text and dense features are bilinear, so for one
vacancy their sum is one weighted term vector and one dense vector (:class:`FoldedVacancy`); fits
on scales are looked up in small tables. An unknown level adds nothing: it stands at the mean.

The score of one pair is computed in double precision from the encoded (single-precision) vectors,
whichever way: folded or feature by feature, it is the same number but for the last bits. Rankings
of many rows are computed in single precision; who shows some of them scores those as pairs.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from praca.jobs.matching.encoding import CandidateVector, VacancyVector
from praca.jobs.matching.features import (
    DENSE_FEATURES,
    FEATURES,
    TEXT_FEATURES,
    Channel,
)
from praca.jobs.matching.scales import LANGUAGE, LEVEL, SCHOOLING, fit_table

__all__ = [
    "FoldedVacancy",
    "PairFeatures",
    "Scorer",
    "features_of_pair",
    "pair_features",
]

SCALES: Final = (LEVEL, SCHOOLING, LANGUAGE, LANGUAGE)
_TABLES: Final = tuple(fit_table(scale) for scale in SCALES)
_TEXTS: Final = len(TEXT_FEATURES)
_CHANNELS: Final = [feature.channel for feature in TEXT_FEATURES]
_BILINEAR: Final = _TEXTS + len(DENSE_FEATURES)
_AREA: Final = len(FEATURES) - 1
_TINY: Final = 1e-12
_STEEPEST: Final = 1e12
"""Beyond it, sums of log-odds would overflow the vectors they are folded into."""


def pair_features(
    candidates: Sequence[CandidateVector], vacancies: Sequence[VacancyVector]
) -> NDArray[np.float32]:
    """Return the features of every pair, shape (vacancies, candidates, features).

    In the order of ``FEATURES``; NaN where a fit is unknown.
    """
    result = np.empty((len(vacancies), len(candidates), len(FEATURES)), dtype=np.float32)
    ids = [*(v.terms for v in vacancies), *(c.terms for c in candidates)]
    numbers, columns = np.unique(np.concatenate(ids), return_inverse=True)
    split = sum(v.terms.size for v in vacancies)
    wants = _Rows(columns[:split], [v.terms.size for v in vacancies], numbers.size)
    has = _Rows(columns[split:], [c.terms.size for c in candidates], numbers.size)
    people = np.concatenate([c.weights for c in candidates])
    asked = np.concatenate([v.weights for v in vacancies])
    by_channel = {channel: has.matrix(people[:, channel]).T.tocsc() for channel in Channel}
    for at, feature in enumerate(TEXT_FEATURES):
        result[:, :, at] = (wants.matrix(asked[:, at]) @ by_channel[feature.channel]).toarray()
    dense = np.stack([c.dense for c in candidates])
    for at in range(len(DENSE_FEATURES)):
        result[:, :, _TEXTS + at] = np.stack([v.dense[at] for v in vacancies]) @ dense.T
    had = np.array([c.levels for c in candidates])
    asks = np.array([v.levels for v in vacancies])
    for at, table in enumerate(_TABLES):
        result[:, :, _BILINEAR + at] = table[had[None, :, at], asks[:, at, None]]
    result[:, :, _AREA] = area_fit(
        np.array([c.areas for c in candidates], dtype=np.uint64)[None, :],
        np.array([v.areas for v in vacancies], dtype=np.uint64)[:, None],
    )
    return result


@dataclass(frozen=True, slots=True, eq=False)
class PairFeatures:
    """The features of one pair, and what each term adds to those of text.

    Attributes:
        values: float64, shape (features,), in the order of ``FEATURES``; NaN: the fit is unknown.
        shared: int64, shape (n,), numbers of the terms that both have.
        by_shared: float64, shape (n, text features): what each shared term adds to each.
        by_word: float64, shape (terms of the candidate, dense features): what each of the
            candidate's terms adds to each dense similarity, but for rounding (1e-6).
    """

    values: NDArray[np.float64]
    shared: NDArray[np.int64]
    by_shared: NDArray[np.float64]
    by_word: NDArray[np.float64]


def features_of_pair(
    candidate: CandidateVector,
    vacancy: VacancyVector,
    components: NDArray[np.float32] | None = None,
) -> PairFeatures:
    """Return the features of one pair in double precision.

    Args:
        candidate: encoded.
        vacancy: encoded.
        components: of the dense vectors, shape (terms, d); without them ``by_word`` is zeros.
    """
    values = np.empty(len(FEATURES))
    shared, mine, theirs = np.intersect1d(
        candidate.terms, vacancy.terms, assume_unique=True, return_indices=True
    )
    products = candidate.weights[mine][:, _CHANNELS].astype(np.float64) * vacancy.weights[theirs]
    values[:_TEXTS] = products.sum(axis=0)
    dense = vacancy.dense.astype(np.float64)
    values[_TEXTS:_BILINEAR] = dense @ candidate.dense.astype(np.float64)
    for at, table in enumerate(_TABLES):
        values[_BILINEAR + at] = table[candidate.levels[at], vacancy.levels[at]]
    areas = np.array([candidate.areas, vacancy.areas], dtype=np.uint64)
    values[_AREA] = area_fit(areas[:1], areas[1:])[0]
    by_word = np.zeros((candidate.terms.size, len(DENSE_FEATURES)))
    if components is not None:
        by_word = _dense_by_word(candidate, dense, components)
    return PairFeatures(values, shared, products, by_word)


def _dense_by_word(
    candidate: CandidateVector, dense: NDArray[np.float64], components: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Part each dense similarity among the candidate's terms: a projection is linear in them."""
    known = np.flatnonzero(candidate.terms < components.shape[0])
    directions = components[candidate.terms[known]].astype(np.float64)
    cosine = candidate.weights[known, Channel.COSINE].astype(np.float64)
    projected = cosine @ directions
    length = max(math.sqrt(float((projected**2).sum())), _TINY)
    shares = np.zeros((candidate.terms.size, dense.shape[0]))
    shares[known] = cosine[:, None] * (directions @ dense.T) / length
    return shares


def area_fit(has: NDArray[np.uint64], asks: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Return the share of the asked fields of work that are had, NaN where either is unknown."""
    both = np.bitwise_count(has & asks).astype(np.float64)
    known = (has > 0) & (asks > 0)
    share = both / np.maximum(np.bitwise_count(asks), 1)
    return np.where(known, share, np.nan)


@dataclass(frozen=True, slots=True, eq=False)
class FoldedVacancy:
    """A vacancy with the coefficients multiplied in.

    Attributes:
        terms: int64, shape (n,), ascending.
        weights: float64, shape (n, 4), one weight per :class:`Channel`.
        dense: float64, shape (d,).
        levels: as in :class:`VacancyVector`.
        areas: as in :class:`VacancyVector`.
    """

    terms: NDArray[np.int64]
    weights: NDArray[np.float64]
    dense: NDArray[np.float64]
    levels: tuple[int, int, int, int]
    areas: int

    @property
    def nbytes(self) -> int:
        """Bytes held by the arrays, and about what the rest takes."""
        return 1_000 + self.terms.nbytes + self.weights.nbytes + self.dense.nbytes


class Scorer:
    """Log-odds of pairs under fixed coefficients.

    Args:
        coef: of the standardised features, shape (features,).
        mean: of each feature, shape (features,).
        scale: standard deviation of each feature, above 0, shape (features,).
        intercept: log-odds of a pair whose every feature is at its mean.

    Raises:
        ValueError: a shape or a value is not as above.
    """

    def __init__(
        self,
        coef: NDArray[np.float64],
        mean: NDArray[np.float64],
        scale: NDArray[np.float64],
        intercept: float,
    ) -> None:
        numbers = np.concatenate([coef, mean, scale, [intercept]])
        shapes = {coef.shape, mean.shape, scale.shape}
        if shapes != {(len(FEATURES),)} or not np.isfinite(numbers).all() or scale.min() <= 0:
            raise ValueError("coefficients do not fit the features")
        self.coef = coef
        self.mean = mean
        self.scale = scale
        self.intercept = intercept
        with np.errstate(over="ignore"):
            slopes = coef / scale
        if np.abs(slopes * mean).max() > _STEEPEST or np.abs(slopes).max() > _STEEPEST:
            raise ValueError("coefficients are out of range")
        self._offset = intercept - float((slopes * mean)[:_BILINEAR].sum())
        self._slopes = slopes
        self._fold = np.zeros((_TEXTS, len(Channel)), dtype=np.float64)
        for at, feature in enumerate(TEXT_FEATURES):
            self._fold[at, feature.channel] = slopes[at]
        self._tables = tuple(
            np.nan_to_num(slopes[_BILINEAR + at] * (table - mean[_BILINEAR + at]))
            for at, table in enumerate(_TABLES)
        )

    def fold(self, vacancy: VacancyVector) -> FoldedVacancy:
        """Multiply the coefficients into a vacancy's weights."""
        return FoldedVacancy(
            terms=vacancy.terms,
            weights=vacancy.weights @ self._fold,
            dense=self._slopes[_TEXTS:_BILINEAR] @ vacancy.dense,
            levels=vacancy.levels,
            areas=vacancy.areas,
        )

    def log_odds(self, candidate: CandidateVector, vacancy: FoldedVacancy) -> float:
        """Return the log-odds of one pair."""
        total = self._offset + float(candidate.dense @ vacancy.dense)
        if candidate.terms.size and vacancy.terms.size:
            at = np.searchsorted(candidate.terms, vacancy.terms)
            at[at == candidate.terms.size] = 0
            shared = candidate.terms[at] == vacancy.terms
            products = candidate.weights[at[shared]] * vacancy.weights[shared]
            total += float(products.sum())
        for table, has, asks in zip(self._tables, candidate.levels, vacancy.levels, strict=True):
            total += float(table[has, asks])
        if candidate.areas and vacancy.areas:
            share = (candidate.areas & vacancy.areas).bit_count() / vacancy.areas.bit_count()
            total += float(self._slopes[_AREA] * (share - self.mean[_AREA]))
        return total

    def log_odds_of(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the log-odds of pairs with these features, shape (..., features)."""
        standard = np.nan_to_num((features.astype(np.float64) - self.mean) / self.scale)
        return np.asarray(standard @ self.coef + self.intercept, np.float64)

    def shifts(
        self,
        has: NDArray[np.int8] | Sequence[int],
        asks: NDArray[np.int8] | Sequence[int],
        has_areas: NDArray[np.uint64],
        asks_areas: NDArray[np.uint64],
    ) -> NDArray[np.float64]:
        """Return what offset, levels and fields of work add.

        One side is one candidate or vacancy, the other may be many.

        Args:
            has: levels of the candidate, or columns of those of many.
            asks: levels of the vacancy, or columns of those of many.
            has_areas: bit masks of the candidate side, broadcast against the other.
            asks_areas: bit masks of the vacancy side.
        """
        area = np.nan_to_num(
            self._slopes[_AREA] * (area_fit(has_areas, asks_areas) - self.mean[_AREA])
        )
        total: NDArray[np.float64] = self._offset + area
        for at, table in enumerate(self._tables):
            total += table[has[at], asks[at]]
        return total

    @property
    def baseline(self) -> float:
        """Log-odds of a pair that has no word in common and of which no level is known."""
        return self._offset

    @property
    def text_slopes(self) -> NDArray[np.float64]:
        """What one unit of each text and dense feature adds, shape (text + dense features,)."""
        return self._slopes[:_BILINEAR]

    def contributions(self, values: NDArray[np.float64]) -> dict[str, float]:
        """Return what each feature of one pair adds to :attr:`baseline`; the sum is the log-odds.

        Text and dense features add nothing where nothing is shared; a fit is told relative to the
        mean fit, and adds nothing where it is unknown.
        """
        added = self._slopes * values
        fits = slice(_BILINEAR, None)
        added[fits] = np.nan_to_num(self._slopes[fits] * (values[fits] - self.mean[fits]))
        return dict(zip(FEATURES, added.tolist(), strict=True))

    def to_state(self) -> dict[str, Any]:
        """Return the state as JSON values."""
        return {
            "features": list(FEATURES),
            "coef": self.coef.tolist(),
            "mean": self.mean.tolist(),
            "scale": self.scale.tolist(),
            "intercept": self.intercept,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Rebuild from :meth:`to_state`.

        Raises:
            KeyError, TypeError, ValueError: the state is not of that form or of other features.
        """
        if state["features"] != list(FEATURES):
            raise ValueError("the model was trained on other features")
        return cls(
            np.array(state["coef"], dtype=np.float64),
            np.array(state["mean"], dtype=np.float64),
            np.array(state["scale"], dtype=np.float64),
            float(state["intercept"]),
        )


class _Rows:
    """Sparse matrices of one structure and different weights."""

    def __init__(self, columns: NDArray[np.int64], sizes: Sequence[int], width: int) -> None:
        self._columns = columns
        self._starts = np.cumsum([0, *sizes])
        self._shape = (len(sizes), width)

    def matrix(self, weights: NDArray[np.float32]) -> Any:
        # Only training needs it: a service that scores and explains does not import it.
        from scipy import sparse  # noqa: PLC0415

        return sparse.csr_array((weights, self._columns, self._starts), shape=self._shape)

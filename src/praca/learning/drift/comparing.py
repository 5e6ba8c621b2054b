"""One column then and now: effect, significance, and the bars that a person can look at."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from praca.learning.drift.measures import (
    chi_square,
    document_frequency_test,
    equal_groups,
    grouped,
    kolmogorov_smirnov,
    psi,
    psi_by_chance,
)
from praca.learning.drift.sketches import (
    CategorySketch,
    NumericSketch,
    Sketch,
    SketchError,
    TextSketch,
)

__all__ = ["MISSING", "OTHER", "Bar", "Comparison", "Part", "compared"]

MISSING: Final = "não informado"
OTHER: Final = "outros"
Test = Literal["ks", "chi2", "df"]
Part = Literal["", "length", "unfamiliar", "terms"]

_BINS: Final = 10
_BARS: Final = 16
_NAMES: Final = 9


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a histogram: what it counts, and its share of the rows then and now."""

    label: str
    reference: float
    current: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was measured of one column.

    Attributes:
        part: of a text: which of its statistics; "" for a number or a category.
        test: ``ks`` (numbers), ``chi2`` (categories), ``df`` (terms of texts).
        statistic: KS distance, Pearson's statistic, or the largest one over the terms.
        p: of that test, and of the missing rows if there are any.
        psi: population stability index, as measured.
        by_chance: the PSI to expect without any change.
        reference_rows: rows then, missing ones included.
        current_rows: rows now, missing ones included.
        bars: shares then and now.
    """

    part: Part
    test: Test
    statistic: float
    p: float
    psi: float
    by_chance: float
    reference_rows: int
    current_rows: int
    bars: tuple[Bar, ...]

    @property
    def effect(self) -> float:
        """The PSI beyond what chance gives, not below 0."""
        return max(0.0, self.psi - self.by_chance)


def compared(reference: Sketch, current: Sketch) -> list[Comparison]:
    """Compare a column's sketches: one result, and three for a text.

    Raises:
        SketchError: they are of different kinds or have other cells.
    """
    if isinstance(reference, NumericSketch) and isinstance(current, NumericSketch):
        return [_numbers(reference, current)]
    if isinstance(reference, CategorySketch) and isinstance(current, CategorySketch):
        return [_categories(reference, current)]
    if isinstance(reference, TextSketch) and isinstance(current, TextSketch):
        return list(_texts(reference, current))
    raise SketchError("sketches of different kinds cannot be compared")


def _numbers(reference: NumericSketch, current: NumericSketch, part: Part = "") -> Comparison:
    _ = reference + current  # refuses other cells
    distance, p = kolmogorov_smirnov(reference.counts, current.counts)
    groups = equal_groups(reference.counts, _BINS)
    then, now = (
        _with_missing(grouped(sketch.counts, groups), sketch.missing)
        for sketch in (reference, current)
    )
    if reference.missing or current.missing:
        p = min(1.0, 2 * min(p, _missing_p(reference, current)))
    return _comparison(part, "ks", (distance, p), (then, now), _histogram(reference, current))


def _categories(reference: CategorySketch, current: CategorySketch) -> Comparison:
    _ = reference + current
    then, now = (_with_missing(each.counts, each.missing) for each in (reference, current))
    names = [*reference.categories, OTHER, MISSING]
    return _comparison("", "chi2", chi_square(then, now), (then, now), _bars(names, then, now))


def _texts(reference: TextSketch, current: TextSketch) -> Iterator[Comparison]:
    _ = reference + current
    yield _numbers(reference.lengths, current.lengths, "length")
    yield _numbers(reference.unfamiliar, current.unfamiliar, "unfamiliar")
    found = document_frequency_test(
        reference.buckets, reference.documents, current.buckets, current.documents
    )
    then, now = reference.buckets, current.buckets
    rows = reference.documents, current.documents
    yield _comparison("terms", "df", found, (then, now), (), rows=rows)


def _comparison(
    part: Part,
    test: Test,
    found: tuple[float, float],
    counts: tuple[NDArray[np.int64], NDArray[np.int64]],
    bars: tuple[Bar, ...],
    rows: tuple[int, int] | None = None,
) -> Comparison:
    then, now = counts
    n, m = int(then.sum()), int(now.sum())
    bins = int(np.count_nonzero(then + now))
    reference_rows, current_rows = rows or (n, m)
    return Comparison(
        part=part,
        test=test,
        statistic=found[0],
        p=found[1],
        psi=psi(then, now),
        by_chance=psi_by_chance(bins, n, m),
        reference_rows=reference_rows,
        current_rows=current_rows,
        bars=bars,
    )


def _with_missing(counts: NDArray[np.int64], missing: int) -> NDArray[np.int64]:
    return np.append(counts, missing)


def _missing_p(reference: NumericSketch, current: NumericSketch) -> float:
    then, now = (np.array([sketch.counts.sum(), sketch.missing]) for sketch in (reference, current))
    return chi_square(then, now)[1]


def _bars(names: list[str], then: NDArray[np.int64], now: NDArray[np.int64]) -> tuple[Bar, ...]:
    """Return a bar for each name that occurs; the rarest of many are added to the others."""
    n, m = max(1, int(then.sum())), max(1, int(now.sum()))
    bars = [
        Bar(name, float(a / n), float(b / m))
        for name, a, b in zip(names, then.tolist(), now.tolist(), strict=True)
        if a or b
    ]
    if len(bars) <= _NAMES:
        return tuple(bars)
    bars.sort(key=lambda bar: (bar.label == OTHER, -max(bar.reference, bar.current)))
    rest = bars[_NAMES - 1 :]
    last = Bar(OTHER, sum(bar.reference for bar in rest), sum(bar.current for bar in rest))
    return (*bars[: _NAMES - 1], last)


def _histogram(reference: NumericSketch, current: NumericSketch) -> tuple[Bar, ...]:
    """Return bars of equal width over the middle 98 % of the reference, the rest in the outermost.

    A column of few values gets a bar for each.
    """
    edges = reference.edges
    if not edges.size:
        return ()
    then, now = (np.cumsum(sketch.counts) for sketch in (reference, current))
    if edges.size <= _BARS:
        borders, names = np.arange(edges.size), [_number(edge) for edge in edges]
        # The first edge lies a hair below the least value: what is under it is named after that.
        names = [f"< {names[1]}", *names[1:], f"> {names[-1]}"]
    else:
        low, high = np.searchsorted(then[:-1], np.array([0.01, 0.99]) * then[-1])
        values = np.linspace(edges[low], edges[min(high, edges.size - 1)], _BARS + 1)[1:-1]
        borders = np.searchsorted(edges, values, side="right") - 1
        starts = [_number(value) for value in values]
        names = [f"até {starts[0]}", *(f"até {value}" for value in starts[1:])]
        names.append(f"> {starts[-1]}")
    counts = [np.diff(np.concatenate([[0], total[borders], total[-1:]])) for total in (then, now)]
    missing = [reference.missing, current.missing]
    then, now = (np.append(each, m) for each, m in zip(counts, missing, strict=True))
    rows = [max(1, int(each.sum())) for each in (then, now)]
    return tuple(
        Bar(name, float(a / rows[0]), float(b / rows[1]))
        for name, a, b in zip([*names, MISSING], then.tolist(), now.tolist(), strict=True)
        if a or b or (edges.size > _BARS and name != MISSING)
    )


def _number(value: float) -> str:
    """Return a number as Brazilians write it, three digits that count."""
    if value and abs(value) < 1e-9:  # noqa: PLR2004  # a hair beside zero
        value = 0.0
    text = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"  # noqa: PLR2004
    return text.translate(str.maketrans(",.", ".,"))

"""Each measure against scipy on the raw rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from praca.learning.drift import NumericSketch
from praca.learning.drift.measures import (
    chi_square,
    document_frequency_test,
    equal_groups,
    grouped,
    holm,
    kolmogorov_smirnov,
    psi,
    psi_by_chance,
)

COUNTS = st.lists(st.integers(0, 200), min_size=2, max_size=20)


def counted(values: list[int]) -> NDArray[np.int64]:
    return np.array(values, np.int64)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("rows", [(5_000, 300), (300, 5_000)])
def test_ks_misses_at_most_the_largest_cell(seed: int, rows: tuple[int, int]) -> None:
    generator = np.random.default_rng(seed)
    then = generator.normal(size=rows[0])
    now = generator.normal(0.1 * seed, 1 + 0.05 * seed, size=rows[1])
    sketch = NumericSketch.learn(then).counted(then)
    distance, p = kolmogorov_smirnov(sketch.counts, sketch.counted(now).counts)
    raw = stats.ks_2samp(then, now, method="asymp")
    largest = sketch.counts.max() / rows[0]
    assert raw.statistic - largest <= distance <= raw.statistic + 1e-12
    assert p >= raw.pvalue - 1e-12


@pytest.mark.parametrize("seed", range(4))
def test_ks_of_few_values_is_exact(seed: int) -> None:
    generator = np.random.default_rng(seed)
    then, now = generator.integers(0, 40, 900), generator.integers(0, 42, 400)
    sketch = NumericSketch.learn(then).counted(then)
    raw = stats.ks_2samp(then, now, method="asymp")
    distance, p = kolmogorov_smirnov(sketch.counts, sketch.counted(now).counts)
    assert distance == pytest.approx(raw.statistic)
    assert raw.pvalue <= p <= raw.pvalue + 0.03  # scipy's is the limit with a correction


@settings(deadline=None, max_examples=50)
@given(COUNTS, COUNTS)
def test_chi_square_is_scipys_where_nothing_is_rare(first: list[int], second: list[int]) -> None:
    size = min(len(first), len(second))
    then, now = counted(first[:size]) + 30, counted(second[:size]) + 30
    raw = stats.chi2_contingency(np.stack([then, now]), correction=False)
    assert raw.expected_freq.min() >= 5
    assert chi_square(then, now) == pytest.approx((raw.statistic, raw.pvalue), abs=1e-9)


def test_rare_categories_are_pooled() -> None:
    then, now = counted([900, 80, 9, 6, 5]), counted([90, 8, 0, 1, 1])
    pooled = np.stack([counted([900, 100]), counted([90, 10])])
    raw = stats.chi2_contingency(pooled, correction=False)
    assert chi_square(then, now) == pytest.approx((raw.statistic, raw.pvalue))


@settings(deadline=None, max_examples=50)
@given(COUNTS)
def test_what_is_the_same_gives_nothing(values: list[int]) -> None:
    counts = counted(values)
    assert psi(counts, counts) == 0
    assert chi_square(counts, counts) == pytest.approx((0, 1), abs=1e-9)
    assert kolmogorov_smirnov(counts, counts) == (0, 1)
    assert document_frequency_test(counts, 200, counts, 200) == pytest.approx((0, 1))


def test_psi_is_jeffreys_divergence() -> None:
    then, now = counted([5_000_000, 3_000_000, 2_000_000]), counted([400_000, 300_000, 300_000])
    p, q = np.array([0.5, 0.3, 0.2]), np.array([0.4, 0.3, 0.3])
    expected = stats.entropy(p, q) + stats.entropy(q, p)
    assert psi(then, now) == pytest.approx(expected, rel=1e-4)
    assert psi(counted([10, 0]), counted([0, 10])) < np.inf


@pytest.mark.parametrize(("n", "m"), [(5_000, 200), (400, 400)])
def test_psi_without_change_is_what_chance_gives(n: int, m: int) -> None:
    generator = np.random.default_rng(3)
    shares = np.full(10, 0.1)
    drawn = [
        psi(generator.multinomial(n, shares), generator.multinomial(m, shares)) for _ in range(2000)
    ]
    expected = psi_by_chance(10, n, m)
    # PSI / (1/n + 1/m) is near chi-square(9): deviation sqrt(18) times that; 2,000 draws.
    error = np.sqrt(18) * (1 / n + 1 / m) / np.sqrt(2000)
    assert np.mean(drawn) == pytest.approx(expected, abs=5 * error + 0.05 * expected)


def test_a_term_is_tested_as_scipy_would_with_yates_correction() -> None:
    then, now = counted([400, 30]), counted([150, 10])
    tables = [[[a, 1_000 - a], [b, 300 - b]] for a, b in zip(then, now, strict=True)]
    raw = [stats.chi2_contingency(table, correction=True) for table in tables]
    statistic, p = document_frequency_test(then, 1_000, now, 300)
    assert statistic == pytest.approx(max(found.statistic for found in raw))
    assert p == pytest.approx(2 * min(found.pvalue for found in raw))


def test_terms_that_are_too_rare_are_not_tested() -> None:
    assert document_frequency_test(counted([3, 0]), 100, counted([0, 2]), 100) == (0, 1)
    assert document_frequency_test(counted([3]), 100, counted([0]), 0) == (0, 1)


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]).tolist() == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.8]).tolist() == [1, 1]
    assert holm([]).tolist() == []


@settings(deadline=None, max_examples=50)
@given(COUNTS, st.integers(1, 12))
def test_groups_are_runs_of_neighbours_that_keep_every_row(values: list[int], groups: int) -> None:
    counts = counted(values)
    at = equal_groups(counts, groups)
    assert set(np.diff(at).tolist()) <= {0, 1}
    assert at[0] == 0
    assert at[-1] < groups
    assert grouped(counts, at).sum() == counts.sum()

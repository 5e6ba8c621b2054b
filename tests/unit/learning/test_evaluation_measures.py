import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from praca.learning.evaluation import (
    auc,
    brier_score,
    expected_calibration_error,
    group_bootstrap,
    log_loss,
    ndcg_at,
    paired_bootstrap,
    rank_of,
    recall_at,
    reciprocal_rank,
)


def test_reciprocal_rank_and_recall_by_hand() -> None:
    assert reciprocal_rank([0, 0, 1, 1]) == pytest.approx(1 / 3)
    assert reciprocal_rank([0, 0]) == 0
    assert recall_at([1, 0, 1, 1], 2) == pytest.approx(1 / 3)
    assert recall_at([0, 0], 2) == 0


def test_ndcg_by_hand() -> None:
    # The two relevant items stand second and third; ideally they stand first and second.
    expected = (1 / np.log2(3) + 0.5) / (1 + 1 / np.log2(3))
    assert ndcg_at([0, 1, 1], 3) == pytest.approx(expected)
    assert ndcg_at([0, 0], 3) == 0
    assert ndcg_at([1, 0], 5) == 1


@pytest.mark.parametrize("function", [recall_at, ndcg_at])
def test_a_cut_off_below_one_is_refused(function: type) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        function([1], 0)


def test_ties_share_the_mean_rank() -> None:
    assert rank_of([3, 2, 2, 1], 0) == 1
    assert rank_of([3, 2, 2, 1], 1) == 2.5
    assert rank_of([1, 1, 1], 2) == 2


@settings(max_examples=50)
@given(st.integers(0, 10_000))
def test_agrees_with_scikit_learn(seed: int) -> None:
    generator = np.random.default_rng(seed)
    labels = np.append(generator.integers(0, 2, 30), [0, 1])
    scores = generator.integers(0, 8, 32) / 8  # many ties
    weights = generator.random(32)
    assert auc(labels, scores) == pytest.approx(metrics.roc_auc_score(labels, scores))
    assert brier_score(labels, scores) == pytest.approx(metrics.brier_score_loss(labels, scores))
    assert brier_score(labels, scores, weights) == pytest.approx(
        metrics.brier_score_loss(labels, scores, sample_weight=weights)
    )
    inner = scores * 0.9 + 0.05
    assert log_loss(labels, inner, weights) == pytest.approx(
        metrics.log_loss(labels, inner, sample_weight=weights)
    )
    distinct = generator.permutation(32)
    ordered = labels[np.argsort(-distinct)]
    assert ndcg_at(ordered, 5) == pytest.approx(metrics.ndcg_score([labels], [distinct], k=5))


def test_calibration_error_by_hand() -> None:
    # Bin 0.2..0.3: stated 0.25, observed 0.5; bin 0.9..1: stated 0.95, observed 1.
    labels, stated = [0, 1, 1, 1], [0.25, 0.25, 0.95, 0.95]
    assert expected_calibration_error(labels, stated) == pytest.approx((0.25 + 0.05) / 2)
    assert expected_calibration_error([1, 0], [1.0, 0.0]) == 0


@pytest.mark.parametrize(
    ("labels", "scores"),
    [([], []), ([0, 1], [0.5]), ([0, 2], [0.1, 0.2]), ([0, 1], [0.1, np.nan])],
)
def test_unusable_input_is_refused(labels: list[int], scores: list[float]) -> None:
    with pytest.raises(ValueError, match="must be"):
        brier_score(labels, scores)


def test_auc_of_one_class_is_refused() -> None:
    with pytest.raises(ValueError, match="both classes"):
        auc([1, 1], [0.1, 0.2])


def test_bootstrap_covers_and_repeats() -> None:
    values = np.random.default_rng(1).normal(5, 1, 400)
    one = group_bootstrap(values, seed=3)
    assert one == group_bootstrap(values, seed=3)
    assert one.low < one.estimate < one.high
    assert one.high - one.low == pytest.approx(2 * 1.96 / 20, rel=0.2)
    assert str(one).startswith(f"{one.estimate:.3f} [")


def test_rows_of_one_group_do_not_narrow_the_interval() -> None:
    values = np.random.default_rng(1).normal(0, 1, 40)
    alone = group_bootstrap(values, seed=1)
    repeated = group_bootstrap(np.repeat(values, 25), np.repeat(np.arange(40), 25), seed=1)
    assert repeated.high - repeated.low == pytest.approx(alone.high - alone.low, rel=0.05)


def test_a_paired_difference_removes_what_is_common() -> None:
    generator = np.random.default_rng(2)
    common = generator.normal(0, 10, 200)
    interval = paired_bootstrap(common + 0.5, common + generator.normal(0, 0.1, 200), seed=1)
    assert 0.4 < interval.low < interval.high < 0.6


def test_bootstrap_refuses_nonsense() -> None:
    with pytest.raises(ValueError, match="non-empty"):
        group_bootstrap([], seed=1)
    with pytest.raises(ValueError, match="confidence"):
        group_bootstrap([1.0], seed=1, confidence=1)
    with pytest.raises(ValueError, match="one length"):
        group_bootstrap([1.0], [1, 2], seed=1)
    with pytest.raises(ValueError, match="one length"):
        paired_bootstrap([1.0], [1.0, 2.0], seed=1)

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from praca.learning.evaluation import (
    adaptive_calibration_error,
    calibration_line,
    consistency_band,
)
from praca.learning.linear import RidgeLogit, sigmoid


def test_a_calibration_line_agrees_with_scikit_learn() -> None:
    generator = np.random.default_rng(1)
    log_odds = generator.normal(-1, 1.5, 800)
    labels = generator.random(800) < sigmoid(0.6 * log_odds + 0.3)
    line = calibration_line(labels, sigmoid(log_odds))
    peer = LogisticRegression(C=1e9, tol=1e-8).fit(log_odds[:, None], labels)
    assert line.slope == pytest.approx(float(peer.coef_[0, 0]), abs=1e-3)
    assert line.intercept == pytest.approx(float(peer.intercept_[0]), abs=1e-3)


def test_a_useless_probability_may_have_a_negative_slope() -> None:
    stated = np.tile([0.2, 0.8], 50)
    labels = np.tile([1, 0, 1, 0, 0], 20)
    assert calibration_line(1 - (stated > 0.5), np.where(labels, 0.4, 0.3) + stated / 10).slope < 0


@pytest.mark.parametrize(
    ("labels", "stated"), [([1, 1], [0.2, 0.3]), ([0, 1], [0.5, 0.5]), ([0, 1, 1], [0.4] * 3)]
)
def test_no_line_through_one_class_or_one_probability(
    labels: list[int], stated: list[float]
) -> None:
    with pytest.raises(ValueError, match="calibration line"):
        calibration_line(labels, stated)


def test_adaptive_error_by_hand() -> None:
    # Two bins of three: stated 0.1 against 1/3, stated 0.4 against 1/3.
    labels, stated = [0, 0, 1, 1, 0, 0], [0.1, 0.1, 0.1, 0.4, 0.4, 0.4]
    expected = (abs(0.1 - 1 / 3) + abs(0.4 - 1 / 3)) / 2
    assert adaptive_calibration_error(labels, stated, bins=2) == pytest.approx(expected)
    assert adaptive_calibration_error([1, 0], [1.0, 0.0]) == 0


def test_equal_probabilities_share_a_bin() -> None:
    # All at the base rate: perfectly calibrated, however the rows are ordered.
    labels = [1] * 25 + [0] * 75
    assert adaptive_calibration_error(labels, [0.25] * 100) == pytest.approx(0)


def test_the_band_holds_the_error_of_true_probabilities_and_not_of_false_ones() -> None:
    generator = np.random.default_rng(3)
    stated = generator.uniform(0.1, 0.5, 400)
    low, high = consistency_band(stated, seed=1, resamples=300)
    assert (low, high) == consistency_band(stated, seed=1, resamples=300)
    honest = generator.random(400) < stated
    flattered = generator.random(400) < stated - 0.1
    assert low < adaptive_calibration_error(honest, stated) < high
    assert adaptive_calibration_error(flattered, stated) > high


def test_the_band_narrows_with_more_rows() -> None:
    few = consistency_band(np.full(100, 0.3), seed=1, resamples=200)[1]
    many = consistency_band(np.full(10_000, 0.3), seed=1, resamples=200)[1]
    assert many < few / 5


@pytest.mark.parametrize(
    ("labels", "stated", "message"),
    [
        ([], [], "non-empty"),
        ([0, 1], [0.5], "one length"),
        ([0, 2], [0.5, 0.5], "0 or 1"),
        ([0, 1], [0.5, 1.5], "between 0 and 1"),
        ([0, 1], [0.5, np.nan], "between 0 and 1"),
    ],
)
def test_unusable_input_is_refused(labels: list[int], stated: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        adaptive_calibration_error(labels, stated)


def test_less_than_one_bin_is_refused() -> None:
    with pytest.raises(ValueError, match="bins"):
        adaptive_calibration_error([0, 1], [0.1, 0.2], bins=0)


def test_a_ridge_logit_agrees_with_scikit_learn() -> None:
    generator = np.random.default_rng(2)
    features = generator.normal(size=(300, 4))
    labels = generator.random(300) < sigmoid(features[:, 0] - 0.5)
    ours = RidgeLogit(penalty=5.0).fit(features, labels)
    peer = LogisticRegression(C=1 / 5.0, tol=1e-8).fit(features, labels)
    assert ours.coef_ == pytest.approx(peer.coef_[0], abs=1e-4)
    assert ours.intercept_ == pytest.approx(float(peer.intercept_[0]), abs=1e-4)
    assert np.linalg.eigvalsh(ours.covariance_).min() > 0


def test_a_heavy_penalty_leaves_the_base_rate() -> None:
    generator = np.random.default_rng(2)
    labels = np.arange(200) % 4 == 0
    ours = RidgeLogit(penalty=1e9).fit(generator.normal(size=(200, 3)), labels)
    assert ours.coef_ == pytest.approx(np.zeros(3), abs=1e-6)
    assert float(sigmoid(np.array(ours.intercept_))) == pytest.approx(0.25, abs=1e-6)


def test_a_ridge_logit_of_one_class_is_refused() -> None:
    with pytest.raises(ValueError, match="both classes"):
        RidgeLogit().fit(np.zeros((3, 1)), np.ones(3, np.bool_))

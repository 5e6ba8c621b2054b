import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from praca.learning.linear import ConditionalLogit, PlattScaling, sigmoid


def groups(seed: int, count: int = 400, size: int = 6) -> tuple[np.ndarray, ...]:
    generator = np.random.default_rng(seed)
    features = generator.normal(size=(count * size, 3)).astype(np.float32)
    utility = features @ np.array([2.0, 1.0, 0.0]) + generator.gumbel(size=count * size)
    chosen = np.zeros(count * size, dtype=np.bool_)
    for begin in range(0, count * size, size):
        chosen[begin + int(np.argmax(utility[begin : begin + size]))] = True
    return features, chosen, np.arange(0, count * size, size)


def test_conditional_logit_recovers_the_coefficients() -> None:
    coef = ConditionalLogit(penalty=0.01, nonnegative=False).fit(*groups(1)).coef_
    np.testing.assert_allclose(coef, [2, 1, 0], atol=0.3)


def test_pairs_are_a_logistic_regression_on_differences() -> None:
    features, chosen, starts = groups(2, size=2)
    won = features[chosen] - features[~chosen]
    data, label = np.concatenate([won, -won]), np.repeat([1, 0], len(won))
    reference = LogisticRegression(C=0.5, fit_intercept=False, tol=1e-8).fit(data, label)
    # Each pair stands twice in the reference, so its penalty weighs half as much.
    found = ConditionalLogit(penalty=0.5, nonnegative=False).fit(features, chosen, starts)
    np.testing.assert_allclose(found.coef_, reference.coef_[0], atol=0.02)


def test_no_coefficient_is_negative() -> None:
    features, chosen, starts = groups(3)
    features[:, 0] *= -1
    assert ConditionalLogit().fit(features, chosen, starts).coef_.min() >= 0


def test_every_group_needs_a_choice() -> None:
    with pytest.raises(ValueError, match="chosen"):
        ConditionalLogit().fit(
            np.zeros((2, 1), np.float32), np.array([True, False]), np.array([0, 1])
        )


def test_platt_recovers_slope_and_intercept() -> None:
    generator = np.random.default_rng(5)
    scores = generator.normal(size=20_000)
    labels = generator.random(20_000) < sigmoid(1.5 * scores - 1)
    platt = PlattScaling().fit(scores, labels, np.ones(20_000))
    assert platt.slope_ == pytest.approx(1.5, abs=0.1)
    assert platt.intercept_ == pytest.approx(-1, abs=0.1)


def test_platt_never_turns_the_order_round() -> None:
    scores = np.linspace(-1, 1, 100)
    assert PlattScaling().fit(scores, scores < 0, np.ones(100)).slope_ > 0
    with pytest.raises(ValueError, match="both classes"):
        PlattScaling().fit(scores, scores < 9, np.ones(100))


def test_sigmoid_does_not_overflow() -> None:
    np.testing.assert_allclose(sigmoid(np.array([-1e9, 0, 1e9])), [0, 0.5, 1])

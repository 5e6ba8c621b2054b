from collections.abc import Callable

import numpy as np
import pytest

from praca.learning.evaluation import auc
from praca.learning.gate import Evaluation, Verdict, judge
from praca.platform.settings import LearningSettings

LIMITS = LearningSettings()


def evaluated(
    scores: np.ndarray,
    *,
    seed: int = 1,
    rows: int = 2_000,
    distort: Callable[[np.ndarray], np.ndarray] = lambda stated: stated,
    latency_ms: float = 1.0,
) -> Evaluation:
    """A version with one figure per unit, whose probabilities come true as they say."""
    generator = np.random.default_rng(seed)
    truth = generator.uniform(0.02, 0.98, rows)
    return Evaluation(
        metric="mrr",
        count=scores.size,
        figure=lambda units: float(scores[units].mean()),
        labels=generator.random(rows) < truth,
        probabilities=distort(truth),
        weights=np.ones(rows),
        latency_ms=latency_ms,
    )


def verdict(challenger: Evaluation, champion: Evaluation | None, size_bytes: int = 10) -> Verdict:
    return judge(challenger, champion, size_bytes=size_bytes, limits=LIMITS, seed=7)


def answer(found: Verdict, name: str) -> bool | None:
    return next(check.passed for check in found.checks if check.name == name)


@pytest.fixture
def scores() -> np.ndarray:
    return np.random.default_rng(3).uniform(0, 1, 300)


def test_the_same_model_again_is_not_worse(scores: np.ndarray) -> None:
    found = verdict(evaluated(scores), evaluated(scores))
    assert found.accepted
    assert answer(found, "not_worse") is True


def test_a_better_one_is_let_through_and_a_worse_one_is_not(scores: np.ndarray) -> None:
    better = np.clip(scores + 0.1, 0, 1)
    assert verdict(evaluated(better), evaluated(scores)).accepted
    refused = verdict(evaluated(scores), evaluated(better))
    assert not refused.accepted
    assert answer(refused, "not_worse") is False
    assert len(refused.reasons) == 1
    assert "mrr é pior" in refused.reasons[0]


def test_a_small_loss_is_refused_once_it_is_certain(scores: np.ndarray) -> None:
    slightly = scores - 0.01
    assert answer(verdict(evaluated(slightly), evaluated(scores)), "not_worse") is False


def test_an_uncertain_loss_is_tolerated_up_to_the_margin(scores: np.ndarray) -> None:
    noise = np.random.default_rng(8).normal(0, 0.2, scores.size)
    noise -= noise.mean()
    for loss, passes in ((0.015, True), (0.03, False)):
        found = verdict(evaluated(scores + noise - loss), evaluated(scores))
        assert answer(found, "not_worse") is passes


def test_the_first_version_has_nothing_to_be_compared_with(scores: np.ndarray) -> None:
    found = verdict(evaluated(scores), None)
    assert found.accepted
    assert answer(found, "not_worse") is None


def test_fewer_than_ten_units_decide_nothing(scores: np.ndarray) -> None:
    found = verdict(evaluated(scores[:9]), evaluated(scores[:9] + 0.5))
    assert answer(found, "not_worse") is None
    assert answer(found, "calibrated") is None


def test_probabilities_that_do_not_come_true_are_refused(scores: np.ndarray) -> None:
    bold = evaluated(scores, distort=lambda stated: np.clip(3 * stated - 1, 0.01, 0.99))
    found = verdict(bold, evaluated(scores))
    assert answer(found, "calibrated") is False
    assert "não conferem" in found.reasons[0]


def test_few_rows_are_not_blamed_for_the_error_of_chance(scores: np.ndarray) -> None:
    """A perfect model shows an error on 60 rows; the same error on 4,000 would be its fault."""
    passed = sum(
        answer(verdict(evaluated(scores, seed=seed, rows=60), None), "calibrated") is True
        for seed in range(40)
    )
    assert passed >= 34


def test_slow_and_large_ones_are_refused(scores: np.ndarray) -> None:
    slow = verdict(evaluated(scores, latency_ms=LIMITS.gate_max_latency_ms + 1), None)
    assert answer(slow, "latency") is False
    large = verdict(evaluated(scores), None, size_bytes=LIMITS.gate_max_bytes + 1)
    assert answer(large, "size") is False


def test_a_figure_that_is_no_mean_is_compared_too() -> None:
    generator = np.random.default_rng(5)
    labels = generator.random(400) < 0.3
    good = labels + generator.normal(0, 0.7, 400)

    def version(values: np.ndarray) -> Evaluation:
        stated = np.full(400, 0.3)
        return Evaluation(
            "auc", 400, lambda rows: auc(labels[rows], values[rows]), labels, stated,
            np.ones(400), 1.0,
        )  # fmt: skip

    assert answer(verdict(version(good), version(generator.random(400))), "not_worse") is True
    assert answer(verdict(version(generator.random(400)), version(good)), "not_worse") is False


def test_a_figure_undefined_on_the_rows_cannot_be_compared() -> None:
    labels = np.zeros(50, bool)

    def undefined(rows: np.ndarray) -> float:
        return auc(labels[rows], np.arange(50.0)[rows])

    none = Evaluation("auc", 50, undefined, labels, np.full(50, 0.1), np.ones(50), 1.0)
    found = verdict(none, none)
    assert answer(found, "not_worse") is None
    assert answer(found, "calibrated") is None


def test_a_verdict_is_json_with_every_reason(scores: np.ndarray) -> None:
    document = verdict(evaluated(scores), evaluated(scores)).to_json()
    assert document["accepted"] is True
    assert [check["name"] for check in document["checks"]] == [
        "not_worse",
        "calibrated",
        "latency",
        "size",
    ]
    assert all(check["reason"].endswith(".") for check in document["checks"])

"""The verdict: quiet when nothing happens, loud when something does, the same when read back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import orjson
import pytest
from numpy.typing import NDArray
from scipy import stats

from praca.learning.drift import (
    CategorySketch,
    DriftReport,
    NumericSketch,
    ReportError,
    SketchError,
    TextSketch,
    Watched,
    Window,
    judged,
    judged_domain,
)
from praca.learning.drift.domain import domain_test
from praca.learning.drift.report import ALPHA

NOW = datetime(2026, 11, 22, 5, tzinfo=UTC)
SHARES = np.array([0.4, 0.2, 0.15, 0.1, 0.08, 0.04, 0.02, 0.01])


def columns(generator: np.random.Generator, rows: int) -> list[NDArray[Any]]:
    """Return the rows of five columns of numbers and five of categories."""
    numbers = [generator.lognormal(size=rows) for _ in range(5)]
    return [*numbers, *(generator.choice(8, rows, p=SHARES) for _ in range(5))]


def sketches(data: list[NDArray[Any]]) -> list[NumericSketch | CategorySketch]:
    numbers = [NumericSketch.learn(column).counted(column) for column in data[:5]]
    names = [[str(value) for value in column] for column in data[5:]]
    return [*numbers, *(CategorySketch.learn(column).counted(column) for column in names)]


def watched(
    reference: list[NumericSketch | CategorySketch], data: list[NDArray[Any]]
) -> list[Watched]:
    found = []
    for at, (sketch, column) in enumerate(zip(reference, data, strict=True)):
        values = column if isinstance(sketch, NumericSketch) else [str(value) for value in column]
        now: Any = sketch.counted(values)
        found.append(Watched(f"c{at}", f"Coluna {at}", "colunas", sketch, now))
    return found


def test_identical_distributions_alarm_no_more_often_than_stated() -> None:
    generator = np.random.default_rng(11)
    reference = sketches(columns(generator, 3_000))
    days, alarms = 120, 0
    for day in range(days):
        data = columns(generator, (60, 200, 800)[day % 3])
        alarms += any(item.alarm for item in judged(watched(reference, data)))
    # Were the rate above what is stated, so few would come once in a thousand such tests at most.
    assert alarms <= stats.binom.ppf(0.999, days, ALPHA)


@pytest.mark.parametrize("rows", [300, 2_000])
def test_a_change_of_psi_a_fifth_is_seen(rows: int) -> None:
    generator = np.random.default_rng(12)
    reference = sketches(columns(generator, 3_000))
    # Normal columns of equal deviation, shifted by d, have a PSI of d squared: of the logs here.
    seen = 0
    for _ in range(20):
        data = columns(generator, rows)
        data[0] = data[0] * np.exp(np.sqrt(0.2))
        found = judged(watched(reference, data))
        seen += found[0].alarm
        assert sum(item.alarm for item in found[1:]) <= 1
    assert seen >= 18


def test_too_few_rows_say_nothing() -> None:
    generator = np.random.default_rng(13)
    reference = sketches(columns(generator, 500))
    data = columns(generator, 10)
    data[0] = data[0] + 1e6
    found = judged(watched(reference, data))
    assert {item.p for item in found} == {None}
    assert not any(item.alarm for item in found)


def test_a_column_that_may_not_alarm_is_only_shown() -> None:
    reference = NumericSketch.learn(np.arange(500)).counted(np.arange(500))
    now = reference.counted(np.arange(500) + 400)
    loud, quiet = judged(
        [Watched(name, name, "g", reference, now, may_alarm=name == "a") for name in "ab"]
    )
    assert (loud.alarm, quiet.alarm, quiet.q) == (True, False, None)
    assert quiet.p == loud.p


def test_rows_that_go_missing_are_seen() -> None:
    generator = np.random.default_rng(14)
    then = generator.normal(size=1_000)
    reference = NumericSketch.learn(then).counted(then)
    now = np.where(generator.random(400) < 0.4, np.nan, generator.normal(size=400))
    (found,) = judged([Watched("a", "A", "g", reference, reference.counted(now))])
    assert found.alarm


def test_a_constant_that_moves_is_seen() -> None:
    reference = NumericSketch.learn(np.ones(300)).counted(np.ones(300))
    (same, moved) = judged(
        [
            Watched("a", "A", "g", reference, reference.counted(np.ones(100))),
            Watched("b", "B", "g", reference, reference.counted(np.zeros(100))),
        ]
    )
    assert (same.psi, same.alarm, moved.alarm) == (0, False, True)


def texts(generator: np.random.Generator, rows: int, first: int) -> list[NDArray[np.int64]]:
    """Return texts of 20 of 200 terms, numbered from ``first``."""
    return [
        np.sort(generator.choice(200, 20, replace=False)).astype(np.int64) + first
        for _ in range(rows)
    ]


def strange(found: list[NDArray[np.int64]]) -> list[float]:
    return [float(np.mean(text >= 200)) for text in found]


def test_other_words_are_seen_and_the_same_are_not() -> None:
    generator = np.random.default_rng(15)
    then = texts(generator, 600, 0)
    reference = TextSketch.learn(then, strange(then)).counted(then, strange(then))
    for first, expected in ((0, [False] * 3), (100, [False, True, True])):
        new = texts(generator, 200, first)
        now = reference.counted(new, strange(new))
        found = judged([Watched("t", "Texto", "g", reference, now)])
        assert [item.name for item in found] == ["t.length", "t.unfamiliar", "t.terms"]
        assert [item.alarm for item in found] == expected


def test_kinds_do_not_mix() -> None:
    with pytest.raises(SketchError):
        judged([Watched("a", "A", "g", NumericSketch.learn([1]), CategorySketch.learn(["1"]))])


def test_the_domain_rule_separates_as_scikit_learns_logistic_regression() -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import cross_val_predict

    generator = np.random.default_rng(16)
    then, now = generator.normal(size=(400, 20)), generator.normal(size=(300, 20))
    now[:, :3] += 0.4
    labels = np.arange(700) >= 400
    scores = cross_val_predict(
        LogisticRegression(), np.concatenate([then, now]), labels, cv=5, method="decision_function"
    )
    found = domain_test(then, now)
    assert found.auc == pytest.approx(roc_auc_score(labels, scores), abs=0.03)
    assert found.p == pytest.approx(1 / 500)


def test_the_domain_p_value_is_uniform_without_change() -> None:
    generator = np.random.default_rng(17)
    values = []
    for _ in range(100):
        rows = generator.normal(size=(80, 5))
        values.append(domain_test(rows[:50], rows[50:], permutations=99).p)
    assert stats.kstest(values, "uniform").pvalue > 0.001
    assert domain_test(rows[:50], rows[50:]) == domain_test(rows[:50], rows[50:])


def test_few_vectors_say_nothing() -> None:
    found = judged_domain("v", "Vetores", np.zeros((500, 3)), np.zeros((12, 3)))
    assert (found.auc, found.p, found.alarm, found.current_rows) == (None, None, False, 12)
    with pytest.raises(ValueError, match="rows"):
        domain_test(np.zeros((500, 3)), np.zeros((2, 3)))


def report() -> DriftReport:
    generator = np.random.default_rng(18)
    reference = sketches(columns(generator, 500))
    data = columns(generator, 200)
    data[0] = data[0] * 9
    vectors = generator.normal(size=(200, 4))
    return DriftReport(
        "match",
        3,
        NOW - timedelta(days=9),
        Window(NOW - timedelta(days=5), NOW, "linhas escritas desde o treino", {"candidatos": 200}),
        judged(watched(reference, data)),
        (judged_domain("v", "Vetores", vectors[:100], vectors[100:]),),
    )


def test_a_report_survives_its_journey() -> None:
    made = report()
    assert made.has_drift
    assert made.alarms == ["colunas: Coluna 0"]
    state = orjson.loads(orjson.dumps(made.to_json()))
    assert DriftReport.from_json(state) == made
    assert (state["has_drift"], state["rule"]["alpha"]) == (True, ALPHA)


@pytest.mark.parametrize("broken", [{"format": 9}, {"window": 1}, {"features": [{}]}, {"model": 1}])
def test_a_broken_report_is_refused(broken: dict[str, Any]) -> None:
    state = orjson.loads(orjson.dumps(report().to_json()))
    state.update(broken)
    if "model" in broken:
        del state["version"]
    with pytest.raises(ReportError):
        DriftReport.from_json(state)

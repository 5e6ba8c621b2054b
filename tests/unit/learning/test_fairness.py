from collections.abc import Sequence

import numpy as np
import pytest
from scipy.stats import binom

from praca.learning.fairness import Decisions, GroupFigures, compare

GENERATOR = np.random.default_rng(3)


def decisions(rates: dict[str, float], people: list[str], count: int = 60) -> Decisions:
    chance = np.array([rates[group] for group in people])
    selected = GENERATOR.random((count, len(people))) < chance
    return Decisions(selected, np.zeros_like(selected))


def audited(sizes: Sequence[int], *, spread: float, factor: float, seed: int) -> list[GroupFigures]:
    """Audit 60 choices of 10 among people of unlike strength; the first group's has a factor."""
    draw = np.random.default_rng(seed)
    people = [f"group {at}" for at, size in enumerate(sizes) for _ in range(size)]
    strength = draw.normal(0, spread, len(people))
    strength[: sizes[0]] += np.log(factor)
    # The best ten under Gumbel noise: each drawn with a chance as its strength (Plackett, Luce).
    scores = strength + draw.gumbel(size=(60, len(people)))
    selected = np.zeros(scores.shape, np.bool_)
    np.put_along_axis(selected, np.argsort(-scores, axis=1)[:, :10], values=True, axis=1)
    return compare(Decisions(selected, np.zeros_like(selected)), people, seed=seed)


def by_group(figures: list[GroupFigures]) -> dict[str, GroupFigures]:
    return {group.group: group for group in figures}


def test_rates_and_ratios_are_those_of_the_counts() -> None:
    people = ["a"] * 40 + ["b"] * 60
    found = decisions({"a": 0.2, "b": 0.4}, people)
    groups = by_group(compare(found, people, seed=1))
    rates = found.selected[:, :40].mean(), found.selected[:, 40:].mean()
    assert (groups["a"].selection_rate, groups["b"].selection_rate) == pytest.approx(rates)
    assert groups["a"].selected == found.selected[:, :40].sum()
    assert groups["b"].against_highest is groups["b"].against_largest is None
    ratio = groups["a"].against_highest
    assert ratio is not None
    assert ratio.estimate == pytest.approx(rates[0] / rates[1])
    assert ratio.low < ratio.estimate < ratio.high
    assert groups["a"].is_adverse
    assert not groups["b"].is_adverse


def test_equal_treatment_is_not_called_adverse() -> None:
    people = ["a"] * 40 + ["b"] * 60
    found = compare(decisions({"a": 0.3, "b": 0.3}, people), people, seed=1)
    assert not any(group.is_adverse for group in found)


@pytest.mark.parametrize("sizes", [(60, 60), (30, 90), (40, 40, 40, 40)])
def test_people_of_unlike_strength_are_no_adverse_impact(sizes: Sequence[int]) -> None:
    """Nothing depends on the group; an alarm may be raised by one table in twenty."""
    alarms = [
        any(group.is_adverse for group in audited(sizes, spread=1.5, factor=1.0, seed=seed))
        for seed in range(60)
    ]
    assert sum(alarms) <= binom.ppf(0.99, len(alarms), 0.05)


def test_a_group_put_back_is_found() -> None:
    found = [audited((150, 150), spread=0.5, factor=0.5, seed=seed) for seed in range(20)]
    adverse = [[group.group for group in groups if group.is_adverse] for groups in found]
    assert adverse.count(["group 0"]) >= 15
    assert ["group 1"] not in adverse


def test_small_groups_are_shown_but_not_judged_and_tiny_ones_not_shown() -> None:
    people = ["big"] * 60 + ["small"] * 20 + ["tiny"] * 4 + ["mini"] * 3
    found = decisions({"big": 0.5, "small": 0.1, "tiny": 0.0, "mini": 0.0}, people)
    groups = by_group(compare(found, people, seed=1))
    assert set(groups) == {"big", "small"}
    assert groups["small"].against_highest is not None
    assert groups["small"].against_highest.high < 0.8
    assert not groups["small"].is_adverse


def test_a_small_group_is_no_measure_for_others() -> None:
    people = ["lucky"] * 6 + ["a"] * 40 + ["b"] * 50
    found = decisions({"lucky": 0.9, "a": 0.3, "b": 0.3}, people)
    groups = by_group(compare(found, people, seed=1))
    lucky = groups["lucky"].against_highest
    assert lucky is not None
    assert lucky.estimate > 2
    assert {groups["a"].against_highest, groups["b"].against_highest} > {None}
    assert not any(group.is_adverse for group in groups.values())


def test_without_a_group_of_thirty_nothing_is_compared() -> None:
    people = ["a"] * 29 + ["b"] * 20
    found = compare(decisions({"a": 0.5, "b": 0.1}, people), people, seed=1)
    assert [group.people for group in found] == [29, 20]
    assert {group.against_highest for group in found} == {None}
    assert {group.against_largest for group in found} == {None}


@pytest.mark.parametrize(
    ("sizes", "shown"),
    [
        ((200, 60, 5), [200, 60, 5]),
        ((200, 60, 4), [200]),
        ((200, 60, 3, 2), [200, 60]),
        ((200, 60, 2, 2), [200]),
        ((200, 2), []),
        ((3, 1), []),
    ],
)
def test_what_is_hidden_is_no_small_group_by_subtraction(
    sizes: Sequence[int], shown: list[int]
) -> None:
    people = [f"group {at}" for at, size in enumerate(sizes) for _ in range(size)]
    selected = np.ones((3, len(people)), np.bool_)
    figures = compare(Decisions(selected, selected), people, seed=1)
    assert [group.people for group in figures] == shown


def test_other_people_would_change_a_ratio_too() -> None:
    """Each decision selects the same people, so resampling decisions alone sees no doubt."""
    people = ["a"] * 40 + ["b"] * 40
    selected = np.zeros((50, 80), np.bool_)
    selected[:, :4] = selected[:, 40:48] = True
    ratio = by_group(compare(Decisions(selected, selected), people, seed=1))["a"].against_highest
    assert ratio is not None
    assert ratio.estimate == pytest.approx(0.5)
    assert ratio.low < 0.2
    assert ratio.high > 1


def test_the_unknown_are_shown_and_not_compared() -> None:
    people = [""] * 90 + ["a"] * 30
    groups = by_group(compare(decisions({"": 0.9, "a": 0.1}, people), people, seed=1))
    assert groups[""].against_highest is groups[""].against_largest is None
    assert groups["a"].against_highest is None, "there is nobody to compare with"
    assert not groups["a"].is_adverse


def test_other_decisions_would_change_a_ratio() -> None:
    """Decisions that select all or nobody of a group make a wide interval."""
    people = ["a"] * 30 + ["b"] * 30
    selected = np.zeros((10, 60), np.bool_)
    selected[:5, :30] = True
    selected[:, 30:] = True
    ratio = by_group(compare(Decisions(selected, selected), people, seed=1))["a"].against_highest
    assert ratio is not None
    assert (ratio.estimate, ratio.low, ratio.high) == pytest.approx((0.5, 0.2, 0.8), abs=0.11)


def test_true_positives_are_counted_where_enough_are_known() -> None:
    people = ["a"] * 10 + ["b"] * 10
    selected = np.zeros((2, 20), np.bool_)
    relevant = np.zeros((2, 20), np.bool_)
    relevant[0, :8] = selected[0, :6] = True
    relevant[0, 10:13] = True
    groups = by_group(compare(Decisions(selected, relevant), people, seed=1))
    assert groups["a"].true_positive_rate == pytest.approx(6 / 8)
    assert groups["b"].true_positive_rate is None


def test_one_person_put_forward_often_makes_no_rate() -> None:
    people = ["a"] * 30 + ["b"] * 30
    selected = np.ones((6, 60), np.bool_)
    relevant = np.zeros((6, 60), np.bool_)
    relevant[:, 0] = True
    relevant[0, 30:35] = True
    groups = by_group(compare(Decisions(selected, relevant), people, seed=1))
    assert groups["a"].true_positive_rate is None, "six times, but one person"
    assert groups["b"].true_positive_rate == 1.0


def test_nothing_to_compare() -> None:
    empty = Decisions(np.zeros((0, 3), np.bool_), np.zeros((0, 3), np.bool_))
    assert compare(empty, ["a", "b", ""], seed=1) == []
    nobody = np.zeros((4, 72), np.bool_)
    found = compare(Decisions(nobody, nobody), ["a"] * 36 + ["b"] * 36, seed=1)
    assert [group.against_highest for group in found] == [None, None]

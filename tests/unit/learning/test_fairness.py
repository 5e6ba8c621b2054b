import numpy as np
import pytest

from praca.learning.fairness import Decisions, GroupFigures, compare

GENERATOR = np.random.default_rng(3)


def decisions(rates: dict[str, float], people: list[str], count: int = 60) -> Decisions:
    chance = np.array([rates[group] for group in people])
    selected = GENERATOR.random((count, len(people))) < chance
    return Decisions(selected, np.zeros_like(selected))


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


def test_small_groups_are_shown_but_not_judged_and_tiny_ones_not_shown() -> None:
    people = ["big"] * 60 + ["small"] * 20 + ["tiny"] * 4
    found = decisions({"big": 0.5, "small": 0.1, "tiny": 0.0}, people)
    groups = by_group(compare(found, people, seed=1))
    assert set(groups) == {"big", "small"}
    assert groups["small"].against_highest is not None
    assert groups["small"].against_highest.high < 0.8
    assert not groups["small"].is_adverse


def test_the_unknown_are_shown_and_not_compared() -> None:
    people = [""] * 90 + ["a"] * 30
    groups = by_group(compare(decisions({"": 0.9, "a": 0.1}, people), people, seed=1))
    assert groups[""].against_highest is groups[""].against_largest is None
    assert groups["a"].against_highest is None, "there is nobody to compare with"
    assert not groups["a"].is_adverse


def test_the_interval_covers_what_resampling_decisions_gives() -> None:
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


def test_nothing_to_compare() -> None:
    empty = Decisions(np.zeros((0, 3), np.bool_), np.zeros((0, 3), np.bool_))
    assert compare(empty, ["a", "b", ""], seed=1) == []
    nobody = np.zeros((4, 12), np.bool_)
    found = compare(Decisions(nobody, nobody), ["a"] * 6 + ["b"] * 6, seed=1)
    assert [group.against_highest for group in found] == [None, None]

"""Counting the parts is counting the whole; what is stored comes back; what is hostile does not."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from praca.learning.drift import (
    CategorySketch,
    NumericSketch,
    SketchError,
    TextSketch,
    VectorSample,
    projected,
)

NUMBERS = st.lists(
    st.one_of(st.floats(-1e6, 1e6), st.integers(-3, 3).map(float), st.just(float("nan"))),
    max_size=60,
)
CATEGORIES = st.lists(st.one_of(st.none(), st.sampled_from("abcdefg")), max_size=40)
TEXTS = st.lists(
    st.sets(st.integers(0, 5_000), max_size=12).map(
        lambda found: np.array(sorted(found), np.int64)
    ),
    max_size=20,
)


def large(texts: list[NDArray[np.int64]]) -> list[float]:
    """Return the share of large numbers in each text."""
    return [float(np.mean(text > 3_000)) if text.size else float("nan") for text in texts]


def state(sketch: Any) -> Any:
    return json.loads(json.dumps(sketch.to_json()))


@settings(deadline=None, max_examples=30)
@given(NUMBERS, NUMBERS, NUMBERS)
def test_numbers_in_batches_in_any_order_are_the_whole(
    reference: list[float], first: list[float], second: list[float]
) -> None:
    empty = NumericSketch.learn(reference)
    whole = empty.counted(first + second)
    assert state(empty.counted(first) + empty.counted(second)) == state(whole)
    assert state(empty.counted(second) + empty.counted(first) + empty) == state(whole)
    assert whole.rows == len(first) + len(second)


@settings(deadline=None, max_examples=30)
@given(CATEGORIES, CATEGORIES, CATEGORIES)
def test_categories_in_batches_in_any_order_are_the_whole(
    reference: list[str | None], first: list[str | None], second: list[str | None]
) -> None:
    empty = CategorySketch.learn(reference, most=3)
    whole = empty.counted(first + second)
    assert state(empty.counted(second) + empty.counted(first)) == state(whole)
    assert whole.rows == len(first) + len(second)


@settings(deadline=None, max_examples=30)
@given(TEXTS, TEXTS, TEXTS)
def test_texts_in_batches_in_any_order_are_the_whole(
    reference: list[NDArray[np.int64]],
    first: list[NDArray[np.int64]],
    second: list[NDArray[np.int64]],
) -> None:
    empty = TextSketch.learn(reference, large(reference))
    whole = empty.counted(first + second, large(first + second))
    parts = empty.counted(second, large(second)) + empty.counted(first, large(first))
    assert state(parts) == state(whole)
    assert whole.rows == len(first) + len(second)
    assert whole.documents == sum(text.size > 0 for text in [*first, *second])


@settings(deadline=None, max_examples=30)
@given(st.permutations(range(50)), st.integers(0, 50))
def test_a_sample_does_not_depend_on_order_or_batches(order: list[int], cut: int) -> None:
    rows = np.random.default_rng(1).normal(size=(50, 3))
    whole = VectorSample.of(rows, 10)
    shuffled = rows[order]
    parts = VectorSample.of(shuffled[:cut], 10) + VectorSample.of(shuffled[cut:], 10)
    assert parts.vectors.tolist() == whole.vectors.tolist()
    assert (parts.seen, str(parts.vectors.dtype)) == (50, "float16")


def test_a_sample_is_uniform() -> None:
    generator = np.random.default_rng(5)
    taken = np.zeros(20)
    for _ in range(400):
        rows = np.concatenate([np.arange(20)[:, None], generator.normal(size=(20, 2))], axis=1)
        taken[VectorSample.of(rows, 5).vectors[:, 0].astype(int)] += 1
    # 400 trials of one in four: six standard deviations either way.
    assert np.all(np.abs(taken - 100) < 6 * np.sqrt(400 * 0.25 * 0.75))


def test_texts_without_a_known_term_are_left_out_of_the_sample() -> None:
    sample = VectorSample.of(np.array([[0.0, 0.0], [1.0, 0.0]]))
    assert (sample.vectors.tolist(), sample.seen) == ([[1.0, 0.0]], 1)


def test_cells_hold_equal_shares_and_leave_room_outside() -> None:
    values = np.random.default_rng(2).normal(size=10_000)
    sketch = NumericSketch.learn(values).counted(values)
    assert sketch.counts[0] == sketch.counts[-1] == 0
    assert sketch.counts.max() <= 10_000 / 256 + 2
    beyond = sketch.counted([values.min() - 1, values.max() + 1, np.inf, -np.inf])
    assert (beyond.counts[0], beyond.counts[-1]) == (2, 2)


def test_few_values_have_a_cell_each() -> None:
    sketch = NumericSketch.learn([3, 1, 2, 2]).counted([1, 2, 2, 3, 0, 2.5, 9])
    assert sketch.counts.tolist() == [1, 1, 2, 2, 1]


def test_only_the_commonest_categories_are_named() -> None:
    sketch = CategorySketch.learn(["b", "b", "a", "c", None], most=2).counted(["a", "z", None, "b"])
    assert (sketch.categories, sketch.counts.tolist(), sketch.missing) == (("b", "a"), [1, 1, 1], 1)


def test_no_text_is_stored() -> None:
    texts = [np.array([1, 5, 900_000]), np.empty(0, np.int64)]
    sketch = TextSketch.learn(texts, large(texts)).counted(texts, large(texts))
    assert (sketch.unfamiliar.missing, sketch.buckets.sum()) == (1, 3)
    assert "900000" not in json.dumps(sketch.to_json())


@pytest.mark.parametrize(
    "sketch",
    [
        NumericSketch.learn([1, 2, 3]).counted([1, 5, float("nan")]),
        NumericSketch.learn([]).counted([1.0]),
        CategorySketch.learn(["a", "b"]).counted(["a", None, "c"]),
        TextSketch.learn([np.array([1, 2])], [0.5]).counted([np.array([2, 7])], [1.0]),
    ],
)
def test_a_sketch_survives_its_journey(sketch: Any) -> None:
    assert state(type(sketch).from_json(state(sketch))) == state(sketch)


NUMERIC = NumericSketch.learn([1, 2, 3]).counted([1, 2]).to_json()
CATEGORY = CategorySketch.learn(["a", "b"]).counted(["a"]).to_json()
TEXT = TextSketch.learn([np.array([1])], [0.5]).counted([np.array([1])], [1.0]).to_json()


@pytest.mark.parametrize(
    ("read", "hostile"),
    [
        (NumericSketch.from_json, {}),
        (NumericSketch.from_json, {**NUMERIC, "edges": [3, 2, 1, 0]}),
        (NumericSketch.from_json, {**NUMERIC, "edges": [0, 1, 2, float("inf")]}),
        (NumericSketch.from_json, {**NUMERIC, "edges": [0, 1, 2, 10**400]}),
        (NumericSketch.from_json, {**NUMERIC, "edges": ["0", 1, 2, 3]}),
        (NumericSketch.from_json, {**NUMERIC, "edges": list(range(10_000))}),
        (NumericSketch.from_json, {**NUMERIC, "counts": [1, 2]}),
        (NumericSketch.from_json, {**NUMERIC, "counts": [-1, 0, 0, 0, 0]}),
        (NumericSketch.from_json, {**NUMERIC, "counts": [True, 0, 0, 0, 0]}),
        (NumericSketch.from_json, {**NUMERIC, "counts": [2**60, 0, 0, 0, 0]}),
        (NumericSketch.from_json, {**NUMERIC, "missing": -1}),
        (CategorySketch.from_json, {**CATEGORY, "categories": ["a", "a"]}),
        (CategorySketch.from_json, {**CATEGORY, "categories": ["a", 1]}),
        (CategorySketch.from_json, {**CATEGORY, "categories": ["a", "x" * 500]}),
        (CategorySketch.from_json, {**CATEGORY, "categories": None}),
        (CategorySketch.from_json, {**CATEGORY, "counts": [1]}),
        (TextSketch.from_json, {**TEXT, "buckets": [0] * 1023}),
        (TextSketch.from_json, {**TEXT, "buckets": [9] * 1024}),
        (TextSketch.from_json, {**TEXT, "lengths": None}),
        (TextSketch.from_json, {**TEXT, "unfamiliar": {}}),
    ],
)
def test_a_hostile_state_is_refused(
    read: Callable[[dict[str, Any]], Any], hostile: dict[str, Any]
) -> None:
    with pytest.raises(SketchError):
        read(hostile)


def test_sketches_of_other_cells_do_not_mix() -> None:
    with pytest.raises(SketchError):
        NumericSketch.learn([1, 2]) + NumericSketch.learn([1, 3])
    with pytest.raises(SketchError):
        CategorySketch.learn(["a"]) + CategorySketch.learn(["b"])
    with pytest.raises(SketchError):
        TextSketch.learn([], [0.1]) + TextSketch.learn([], [0.2])


def test_a_projection_keeps_how_alike_texts_are() -> None:
    generator = np.random.default_rng(6)
    shared = np.arange(40)
    texts = [
        shared,
        np.sort(np.concatenate([shared[:20], np.arange(100, 120)])),
        np.arange(200, 240),
    ]
    found = projected([*texts, np.array([9_999]), np.empty(0, np.int64)], np.ones(300))
    assert found[0] @ found[1] == pytest.approx(0.5, abs=0.25)
    assert found[0] @ found[2] == pytest.approx(0.0, abs=0.3)
    assert np.linalg.norm(found, axis=1).tolist() == pytest.approx([1, 1, 1, 0, 0])
    weights = generator.random(300) * (np.arange(300) != 7)
    assert np.array_equal(
        projected([np.array([1, 7])], weights), projected([np.array([1])], weights)
    )

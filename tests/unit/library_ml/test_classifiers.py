"""The arrays predict what scikit-learn predicts, and refuse to be anything else."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.library_books import make_rows

from praca.learning.artifacts import ArtifactError, array_from_bytes, array_to_bytes
from praca.library.ml.classifiers import Classifier, Forest, Linear
from praca.library.ml.data import BookFields, Books
from praca.library.ml.features import Featurizer, Sparse
from praca.library.ml.fitting import estimator, lean
from praca.library.ml.names import ModelKind, Target

_TREES = 12
_ROWS = 1500


@cache
def fitted(kind: ModelKind, target: Target) -> tuple[Any, Classifier, Featurizer]:
    examples = Books.of(make_rows(240)).examples(target)
    featurizer = Featurizer.fit(target, examples.fields)
    model = estimator(kind, trees=_TREES)
    model.fit(_narrow(featurizer.matrix(examples.fields)), examples.labels)
    return model, lean(kind, model, featurizer.width), featurizer


def _narrow(matrix: Any) -> Any:
    matrix.indices, matrix.indptr = matrix.indices.astype("i4"), matrix.indptr.astype("i4")
    return matrix


@cache
def asked(target: Target) -> tuple[tuple[BookFields, ...], list[Sparse]]:
    """Books that the models were not trained on, among them odd ones."""
    odd = [
        BookFields(title, price, available, shelf, told)
        for title in ("", "verso lua mar", "palavra nunca vista", "trem " * 50)
        for price in (0.0, 33.33, 1e9)
        for available in (True, False)
        for shelf in ("Poesia", "nenhuma")
        for told in ("", "crime pista cofre")
    ]
    books = (*Books.of(make_rows(_ROWS - len(odd), seed=9)).fields, *odd)
    featurizer = fitted(ModelKind.SVM, target)[2]
    return books, [featurizer.row(book) for book in books]


@pytest.mark.parametrize("target", Target)
@pytest.mark.parametrize("kind", ModelKind)
def test_the_arrays_predict_what_scikit_learn_predicts(kind: ModelKind, target: Target) -> None:
    theirs, ours, featurizer = fitted(kind, target)
    books, rows = asked(target)
    matrix = _narrow(featurizer.matrix(books))
    scores = np.array([ours.scores(row) for row in rows])
    assert np.array_equal(theirs.classes_[scores.argmax(axis=1)], theirs.predict(matrix))
    assert len(np.unique(scores.argmax(axis=1))) == len(theirs.classes_)
    np.testing.assert_allclose(_gaps(scores), _gaps(_scores(theirs, matrix)), atol=1e-9)


def _scores(model: Any, matrix: Any) -> NDArray[np.float64]:
    if hasattr(model, "estimators_"):
        return np.asarray(model.predict_proba(matrix))
    found = np.asarray(model.decision_function(matrix))
    return found if found.ndim == 2 else np.stack([-found, found], axis=1) / 2


def _gaps(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far each class is ahead of the first one: all that a prediction rests on."""
    return np.asarray(scores - scores[:, :1])


def test_trees_without_a_single_question_answer_with_their_leaf() -> None:
    examples = Books.of(make_rows(40)).examples(Target.RATING)
    featurizer = Featurizer.fit(Target.RATING, examples.fields)
    model = estimator(ModelKind.RANDOM_FOREST, trees=3).set_params(max_depth=1, max_features=1)
    model.fit(_narrow(featurizer.matrix(examples.fields[:1] * 40)), examples.labels)
    forest = Forest.of([tree.tree_ for tree in model.estimators_], featurizer.width)
    assert forest.begin.size == 0
    row = featurizer.row(examples.fields[0])
    expected = model.predict_proba(_narrow(featurizer.matrix(examples.fields[:1])))[0]
    np.testing.assert_allclose(forest.scores(row), expected)


@pytest.mark.parametrize("kind", ModelKind)
def test_a_classifier_survives_its_files(kind: ModelKind) -> None:
    _, ours, featurizer = fitted(kind, Target.CATEGORIA)
    made = Forest if kind is ModelKind.RANDOM_FOREST else Linear
    again = made.from_files(ours.to_files(), featurizer.width, 3)
    for row in asked(Target.CATEGORIA)[1][:50]:
        assert np.array_equal(again.scores(row), ours.scores(row))


Change = Callable[[dict[str, NDArray[Any]]], None]


def _set(name: str, at: int, value: float) -> Change:
    def change(arrays: dict[str, NDArray[Any]]) -> None:
        arrays[name][at] = value

    return change


def _cut(name: str) -> Change:
    def change(arrays: dict[str, NDArray[Any]]) -> None:
        arrays[name] = arrays[name][:-1]

    return change


@pytest.mark.parametrize(
    "change",
    [
        *(_cut(name) for name in ("starts", "thresholds", "begin", "end", "values")),
        _set("starts", 0, 1),
        _set("starts", -1, 10**9),
        _set("starts", 3, -5),
        _set("begin", 0, -1),
        _set("end", 0, 0),  # a leaf that leads back: the look would never end
        _set("end", 0, 10**9),
        _set("trees", 0, 1),
        _set("trees", -1, 10**9),
        _set("trees", 1, 0),
        _set("thresholds", 0, -0.5),  # a word that is absent would send right
        _set("thresholds", 0, float("nan")),
        _set("values", 0, float("inf")),
    ],
)
def test_a_forest_whose_arrays_do_not_fit_is_refused(change: Change) -> None:
    _, ours, featurizer = fitted(ModelKind.RANDOM_FOREST, Target.CATEGORIA)
    files = ours.to_files()
    arrays = {
        name.removesuffix(".npy"): array_from_bytes(
            content,
            np.float64 if name in {"thresholds.npy", "values.npy"} else np.int64,
            (None, None) if name == "values.npy" else (None,),
        ).copy()
        for name, content in files.items()
    }
    change(arrays)
    changed = {f"{name}.npy": array_to_bytes(array) for name, array in arrays.items()}
    with pytest.raises(ArtifactError):
        Forest.from_files(changed, featurizer.width, 3)


@pytest.mark.parametrize("change", [_cut("coef"), _cut("intercept"), _set("intercept", 0, np.nan)])
def test_weights_that_do_not_fit_are_refused(change: Change) -> None:
    _, ours, featurizer = fitted(ModelKind.SVM, Target.CATEGORIA)
    assert isinstance(ours, Linear)
    arrays = {"coef": ours.coef.copy(), "intercept": ours.intercept.copy()}
    change(arrays)
    changed = {f"{name}.npy": array_to_bytes(array) for name, array in arrays.items()}
    with pytest.raises(ArtifactError):
        Linear.from_files(changed, featurizer.width, 3)
    with pytest.raises(ArtifactError, match="Falta"):
        Linear.from_files({}, featurizer.width, 3)

"""Figures that do not lie: a signal where there is one, none where there is not, no leak."""

import io
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score
from tests.library_books import make_rows

from praca.kit.clock import utc_now
from praca.learning.artifacts import ArtifactError, json_from_bytes, json_to_bytes
from praca.library.ml.data import BookFields, Books, Examples, fewest_of_class
from praca.library.ml.errors import NotEnoughBooksError
from praca.library.ml.evaluation import assess, figures_of
from praca.library.ml.fitting import split
from praca.library.ml.model import BookModel
from praca.library.ml.names import ModelKind, Target
from praca.library.ml.training import Fitted, check, train
from praca.platform.settings import LibrarySettings

_SMALL = LibrarySettings(ml_folds=3, ml_trees=8)
_MOMENT = utc_now()


def _train(examples: Examples, *kinds: ModelKind, max_ece: float = 0.1) -> dict[ModelKind, Fitted]:
    return train(
        examples,
        kinds or [*ModelKind],
        _SMALL,
        max_ece=max_ece,
        trained_at=_MOMENT,
        on_progress=lambda _done, _all: None,
    )


@cache
def trained(target: Target) -> dict[ModelKind, Fitted]:
    return _train(Books.of(make_rows(150, catch_all=7)).examples(target))


def test_shelves_that_words_tell_have_a_signal_and_random_ratings_have_none() -> None:
    for target, expected in ((Target.CATEGORIA, True), (Target.RATING, False)):
        for kind, found in trained(target).items():
            report = found.model.report
            assert report.has_signal is expected, (target, kind)
            accuracy, low, high = report.figures.acuracia
            assert low <= accuracy <= high
            assert (accuracy > 0.9) is expected
            assert set(report.baselines) == {"maioria", "acaso"}
    assert trained(Target.CATEGORIA)[ModelKind.SVM].model.report.left_out == {"Default": 7}


def test_a_rating_that_the_price_decides_has_a_signal() -> None:
    rows = [(*row[:-1], 5 if row[3] > 3500 else 1) for row in make_rows(150)]
    for kind, found in _train(Books.of(rows).examples(Target.RATING)).items():
        assert found.model.report.has_signal, kind


def test_a_planted_leak_would_be_seen() -> None:
    """Were the rating in any field that is read, no figure could hide it."""
    rows = [(row[0], row[1], *row[2:5], f"{row[5]} {row[6]}", row[6]) for row in make_rows(150)]
    found = _train(Books.of(rows).examples(Target.RATING), ModelKind.REGRESSAO_LOGISTICA)
    report = found[ModelKind.REGRESSAO_LOGISTICA].model.report
    assert report.has_signal
    assert report.figures.acuracia[0] > 0.95
    clean = trained(Target.RATING)[ModelKind.REGRESSAO_LOGISTICA].model.report
    assert clean.figures.acuracia[0] < 0.65


def _apart(content: bytes) -> tuple[str, list[float]]:
    """Return a text without its fractions, and these."""
    fraction = r"-?\d+\.\d+(?:e-?\d+)?"
    text = content.decode()
    return re.sub(fraction, "#", text), [float(one) for one in re.findall(fraction, text)]


def _assert_alike(files: Mapping[str, bytes], others: Mapping[str, bytes]) -> None:
    """Expect the same files, but for the last bits of sums, whose order is the processor's."""
    assert files.keys() == others.keys()
    for name, content in files.items():
        if not name.endswith(".npy"):
            (text, numbers), (expected, near) = _apart(content), _apart(others[name])
            assert text == expected, name
            assert numbers == pytest.approx(near, rel=1e-6, abs=1e-9)
            continue
        one, other = (np.load(io.BytesIO(file)) for file in (content, others[name]))
        if one.dtype.kind == "f":
            np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-9)
        else:
            np.testing.assert_array_equal(one, other)


def test_equal_data_give_equal_models_whichever_are_trained_together() -> None:
    examples = Books.of(make_rows(150, catch_all=7)).examples(Target.RATING)
    for kind in ModelKind:
        again = _train(examples, kind)[kind].model
        _assert_alike(again.to_files(), trained(Target.RATING)[kind].model.to_files())


def test_no_title_is_in_training_and_test_rows_at_once() -> None:
    rows = make_rows(90)
    doubled = [*rows, *(("b" + row[0], *row[1:]) for row in rows[:40])]
    examples = Books.of(doubled).examples(Target.RATING)
    splits = split(examples.labels, examples.groups, 3)
    held_out = np.concatenate([test for _, test in splits])
    assert sorted(held_out) == [*range(130)]
    for train_rows, test in splits:
        assert not set(examples.groups[train_rows]) & set(examples.groups[test])


def test_too_few_books_are_refused_with_the_number_that_is_needed() -> None:
    few = Books.of(make_rows(12)).examples(Target.RATING)
    with pytest.raises(NotEnoughBooksError, match="12 livros"):
        _train(few)
    with pytest.raises(NotEnoughBooksError, match="0 livros"):
        _train(Books.of([]).examples(Target.CATEGORIA))
    alike = Books.of([(*row[:-1], 5) for row in make_rows(90)]).examples(Target.RATING)
    with pytest.raises(NotEnoughBooksError, match="duas classes"):
        _train(alike)
    one_title = [(row[0], "O mesmo", *row[2:]) for row in make_rows(90)]
    with pytest.raises(NotEnoughBooksError, match="títulos"):
        _train(Books.of(one_title).examples(Target.RATING))


def test_more_folds_leave_small_shelves_out_instead_of_refusing_all() -> None:
    rows = make_rows(72)
    rows += [("c" + row[0], f"c {row[1]}", *row[2:5], "Culinária", row[6]) for row in rows[:11]]
    assert "Culinária" in Books.of(rows).examples(Target.CATEGORIA).classes
    examples = Books.of(rows).examples(Target.CATEGORIA, fewest=fewest_of_class(6))
    assert (examples.left_out, len(examples.classes)) == ({"Culinária": 11}, 3)
    check(examples, 6)


def test_figures_are_those_of_scikit_learn() -> None:
    generator = np.random.default_rng(3)
    for classes in (2, 5):
        truth, said = generator.integers(0, classes, (2, 40))
        said[said == classes - 1] = 0  # a class that is never said
        matrix = np.bincount(truth * classes + said, minlength=classes**2).astype(np.float64)
        accuracy, f1 = figures_of(matrix.reshape(classes, classes))
        assert np.isclose(accuracy, accuracy_score(truth, said))
        assert np.isclose(f1, f1_score(truth, said, average="macro"))


def test_what_a_coin_says_of_a_coin_is_no_signal() -> None:
    """Sixty models that guess: hardly one may be said to have a signal."""
    generator = np.random.default_rng(5)
    truth = generator.integers(0, 2, 200)
    guesses = {f"m{at}": generator.integers(0, 2, 200) for at in range(60)}
    baselines = {
        "maioria": np.zeros((1, 200), dtype=np.int64),
        "acaso": generator.integers(0, 2, (5, 200)),
    }
    judged = assess(truth, guesses, baselines, np.arange(200), classes=2, seed=1)
    assert sum(one.has_signal for one in judged.values()) <= 2
    better = np.where(generator.random(200) < 0.7, truth, 1 - truth)
    one = assess(truth, {"m": better}, baselines, np.arange(200), classes=2, seed=1)["m"]
    assert one.has_signal
    # A copy of each book makes nothing surer.
    both = np.concatenate([np.arange(200)] * 2)
    copied = assess(
        np.tile(truth, 2),
        {"m": np.tile(better, 2)},
        {name: np.tile(rows, 2) for name, rows in baselines.items()},
        both,
        classes=2,
        seed=1,
    )["m"]
    assert copied.to_json() == one.to_json()


def test_who_errs_on_the_larger_class_may_know_something_all_the_same() -> None:
    """Classes are weighed alike: to beat the larger one's share is asked of no such model."""
    generator = np.random.default_rng(6)
    truth = (generator.random(1000) < 0.375).astype(np.int64)
    said = (generator.random(1000) < np.where(truth == 1, 0.62, 0.42)).astype(np.int64)
    baselines = {
        "maioria": np.zeros((1, 1000), dtype=np.int64),
        "acaso": (generator.random((20, 1000)) < 0.375).astype(np.int64),
    }
    models = {"weak": said, "maioria": baselines["maioria"][0]}
    judged = assess(truth, models, baselines, np.arange(1000), classes=2, seed=1)
    assert judged["weak"].figures.accuracy.estimate < 1 - truth.mean()
    assert judged["weak"].has_signal
    assert not judged["maioria"].has_signal


def test_probabilities_come_true_or_are_not_stated() -> None:
    found = trained(Target.CATEGORIA)[ModelKind.SVM]
    book = Books.of(make_rows(3, seed=8)).fields[0]
    stated = found.model.predict(book).probability
    assert stated is not None
    assert 0.95 < stated < 1  # all were right; nothing is certain
    examples = Books.of(make_rows(150)).examples(Target.RATING)
    silent = _train(examples, ModelKind.RANDOM_FOREST, max_ece=0.0)[ModelKind.RANDOM_FOREST].model
    assert silent.confidence is None
    assert silent.report.calibration_error is None
    assert silent.predict(book).probability is None


@pytest.mark.parametrize("target", Target)
@pytest.mark.parametrize("kind", ModelKind)
def test_a_model_survives_its_files(target: Target, kind: ModelKind) -> None:
    model = trained(target)[kind].model
    again = BookModel.from_files(model.to_files(), target, kind)
    for book in Books.of(make_rows(40, seed=4)).fields:
        assert again.predict(book) == model.predict(book)
    assert again.report == model.report
    assert np.array_equal(again.held_out.marks, model.held_out.marks)
    assert np.array_equal(again.held_out.classes, model.held_out.classes)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("target", "rating"),
        ("kind", "svm"),
        ("classes", ["Poesia", "Mistério"]),
        ("classes", ["Poesia"]),
        ("classes", "Poesia"),
        ("features", None),
        ("features", {}),
        ("confidence", [1.0]),
        ("confidence", ["a", "b"]),
        ("report", {}),
        ("report", None),
    ],
)
def test_a_model_that_tells_something_else_is_refused(name: str, value: object) -> None:
    files = trained(Target.CATEGORIA)[ModelKind.REGRESSAO_LOGISTICA].model.to_files()
    told = {**json_from_bytes(files["model.json"]), name: value}
    changed = {**files, "model.json": json_to_bytes(told)}
    with pytest.raises(ArtifactError):
        BookModel.from_files(changed, Target.CATEGORIA, ModelKind.REGRESSAO_LOGISTICA)


def test_a_model_with_a_file_too_few_is_refused() -> None:
    files = trained(Target.CATEGORIA)[ModelKind.RANDOM_FOREST].model.to_files()
    for name in files:
        left = {other: content for other, content in files.items() if other != name}
        with pytest.raises(ArtifactError):
            BookModel.from_files(left, Target.CATEGORIA, ModelKind.RANDOM_FOREST)


def test_a_prediction_reads_neither_more_than_it_may_nor_less() -> None:
    model = trained(Target.CATEGORIA)[ModelKind.SVM].model
    book = BookFields("Verso e lua", 10.0, disponibilidade=True, categoria="x")
    assert model.predict(book).label == "Poesia"
    assert model.predict(replace(book, categoria="Viagem")) == model.predict(book)
    told = replace(book, titulo="Sem título", descricao="detetive crime pista suspeito culpado")
    assert model.predict(told).label == "Mistério"
    by_rating = trained(Target.RATING)[ModelKind.SVM].model
    assert by_rating.predict(replace(book, descricao="crime")) == by_rating.predict(book)

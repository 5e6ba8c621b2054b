"""Features: what scikit-learn makes of a text, learned from training rows alone, no rating."""

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer
from tests.library_books import make_rows

from praca.learning.artifacts import ArtifactError
from praca.library.ml.data import BookFields, Books
from praca.library.ml.features import Featurizer
from praca.library.ml.names import Target
from praca.library.ml.terms import terms_of

_SMALL = Featurizer.fit(Target.RATING, Books.of(make_rows(30)).fields)


def test_tfidf_is_that_of_scikit_learn() -> None:
    books = Books.of(make_rows(150)).fields
    featurizer = Featurizer.fit(Target.CATEGORIA, books)
    terms = [featurizer.terms(Target.CATEGORIA, book) for book in books]
    theirs = TfidfVectorizer(analyzer=lambda found: found, max_features=4000, min_df=2)
    expected = theirs.fit_transform(terms).toarray()
    names = theirs.get_feature_names_out()
    assert [*featurizer.vocabulary.columns] == [*names]
    found = featurizer.matrix(books).toarray()[:, : names.size]
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert np.array_equal(found == 0, expected == 0)


def test_terms_are_folded_words_and_pairs_without_stop_words_and_numbers() -> None:
    assert terms_of("A Ilha do Tesouro, 2ª edição (1883)") == [
        "ilha", "tesouro", "edicao", "ilha tesouro", "tesouro edicao",
    ]  # fmt: skip
    assert terms_of("") == []


@given(st.text(max_size=300))
def test_any_text_has_a_row_of_length_one_or_none(text: str) -> None:
    columns, values = _SMALL.vocabulary.transform(terms_of(text))
    assert (np.diff(columns) > 0).all()
    assert not values.size or np.isclose(values @ values, 1)


def test_a_long_run_of_marks_takes_no_time() -> None:
    assert terms_of("\u0301\u0323" * 100_000) == []


def test_the_rating_is_no_field_that_features_are_made_of() -> None:
    assert {field.name for field in fields(BookFields)} == {
        "titulo", "preco", "disponibilidade", "categoria", "descricao",
    }  # fmt: skip


@pytest.mark.parametrize("target", Target)
def test_other_ratings_give_the_same_features(target: Target) -> None:
    rows = make_rows(90)
    turned = [(*row[:-1], 6 - row[-1]) for row in rows]
    one, other = Books.of(rows), Books.of(turned)
    assert not np.array_equal(one.ratings, other.ratings)
    first = Featurizer.fit(target, one.fields).matrix(one.fields)
    second = Featurizer.fit(target, other.fields).matrix(other.fields)
    assert (first != second).nnz == 0


def test_the_shelf_is_not_read_where_it_is_predicted() -> None:
    book = BookFields("Verso e lua", 10.0, disponibilidade=True, categoria="Poesia")
    moved = BookFields("Verso e lua", 10.0, disponibilidade=True, categoria="Viagem")
    books = Books.of(make_rows(60)).fields
    for target, is_same in ((Target.CATEGORIA, True), (Target.RATING, False)):
        featurizer = Featurizer.fit(target, books)
        one, other = featurizer.row(book), featurizer.row(moved)
        assert np.array_equal(one[0], other[0]) is is_same
    assert not Featurizer.fit(Target.CATEGORIA, books).shelves


def test_absurd_prices_count_as_very_high_or_low_ones() -> None:
    """A weight times a thousand million would make any class certain."""
    books = Books.of(make_rows(60)).fields
    featurizer = Featurizer.fit(Target.RATING, books)

    def price(preco: float) -> float:
        return float(featurizer.row(replace(books[0], preco=preco))[1][-2])

    assert price(1e9) == price(1e308) == 5
    assert price(0) > -5
    assert price(featurizer.price_mean) == 0
    # Of made-up books, as of real ones, none is as far away.
    assert all(abs(featurizer.row(book)[1][-2]) < 5 for book in books)


def test_what_is_learned_is_of_the_given_books_alone() -> None:
    """A word, a shelf and a price that only the held-out book has leave no trace."""
    books = Books.of(make_rows(60)).fields
    odd = BookFields("Zwitscher", 1e6, disponibilidade=True, categoria="Ornitologia")
    for target in Target:
        learned = Featurizer.fit(target, books)
        assert "zwitscher" not in learned.vocabulary.columns
        assert "Ornitologia" not in learned.shelves
        assert learned.price_mean < 100
        columns, values = learned.row(odd)
        assert columns.max() < learned.width
        assert np.isfinite(values).all()


def test_labels_leave_out_shelves_that_are_none_and_count_them() -> None:
    rows = make_rows(60, catch_all=5)
    rows.append(("rara", "Um só", "", 100, True, "Heráldica", 3))
    examples = Books.of(rows).examples(Target.CATEGORIA)
    assert examples.classes == ("Mistério", "Poesia", "Viagem")
    assert examples.left_out == {"Default": 5, "Heráldica": 1}
    assert len(examples.fields) == examples.labels.size == 60
    by_rating = Books.of(rows).examples(Target.RATING)
    assert by_rating.labels.size == 66
    assert [int(label) for label in by_rating.labels] == [int(row[-1] >= 4) for row in rows]


def test_books_of_one_title_are_one_group() -> None:
    rows = make_rows(30)
    rows.append(("outra", rows[4][1].upper() + " ", "", 100, True, "Poesia", 5))
    groups = Books.of(rows).examples(Target.RATING).groups
    assert groups[-1] == groups[4]
    assert np.unique(groups).size == 30


def test_the_digest_sees_labels_and_every_field() -> None:
    rows = make_rows(30)
    digest = Books.of(rows).examples(Target.RATING).digest()
    assert Books.of(rows).examples(Target.RATING).digest() == digest
    changed: list[Any] = [("x", "x", "x", 1, True, "x", 5), ("y", "y", "y", 2, False, "y", 1)]
    for at in range(1, 7):
        row: list[Any] = list(rows[3])
        row[at] = changed[row[at] == changed[0][at]][at]
        if at == 4:
            row[at] = not rows[3][at]
        if at == 6:
            row[at] = 1 if rows[3][6] >= 4 else 5
        other = Books.of([*rows[:3], row, *rows[4:]]).examples(Target.RATING)
        assert other.digest() != digest, at


@pytest.mark.parametrize(
    "told",
    [
        {"terms": ["a", "a"]},
        {"terms": "ab"},
        {"shelves": [1]},
        {"price_spread": 0.0},
        {"price_mean": None},
        {"terms": ["a"]},
    ],
)
def test_a_featurizer_that_does_not_fit_is_refused(told: dict[str, object]) -> None:
    good = {"terms": ["a", "b"], "shelves": ["x"], "price_mean": 1.0, "price_spread": 2.0}
    idf = np.ones(2)
    assert Featurizer.from_json(Target.RATING, good, idf).width == 5
    with pytest.raises(ArtifactError):
        Featurizer.from_json(Target.RATING, good | told, idf)
    with pytest.raises(ArtifactError, match="deve prever"):
        Featurizer.from_json(Target.CATEGORIA, good, idf)

"""The sample shop's books: reproducible, of any size, and learnable only where they say so."""

import subprocess
import sys
from collections import Counter
from dataclasses import replace

import pytest
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import cross_val_score
from sklearn.naive_bayes import ComplementNB
from sklearn.pipeline import make_pipeline

from praca.library.bookshop import CATEGORIES, make_books, price_text, slug_of
from praca.library.bookshop.shelves import CLASSICS, SUBJECTS


def test_the_same_seed_makes_the_same_shop_in_another_process() -> None:
    made = "from praca.library.bookshop import make_books; print(make_books(40, 7))"
    other = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", made], capture_output=True, text=True, check=True
    ).stdout
    assert other.strip() == str(make_books(40, 7))


def test_another_seed_makes_another_shop() -> None:
    assert {book.upc for book in make_books(40, 7)}.isdisjoint(
        book.upc for book in make_books(40, 8)
    )


@pytest.mark.parametrize("count", [0, 1, 20, 21, 300, 1000])
def test_a_shop_of_any_size_has_so_many_different_books(count: int) -> None:
    books = make_books(count)
    assert len(books) == count
    for what in ("number", "upc", "titulo", "image_path", "path"):
        assert len({getattr(book, what) for book in books}) == count, what
    assert [book.number for book in books] == list(range(count, 0, -1))


@pytest.mark.parametrize("count", [300, 1000])
def test_every_category_has_its_share_and_some_have_enough_to_learn_from(count: int) -> None:
    counted = Counter(book.categoria for book in make_books(count))
    assert set(counted) == set(CATEGORIES)
    assert min(counted.values()) >= count // 300
    assert sum(total >= 10 for total in counted.values()) >= 12


def test_the_fields_are_in_their_ranges_and_the_rare_cases_are_there() -> None:
    books = make_books(1000)
    assert {book.rating for book in books} == {1, 2, 3, 4, 5}
    assert all(1000 <= book.preco_centavos <= 9999 for book in books)
    assert {book.moeda for book in books} == {"BRL"}
    for rare in (
        [book for book in books if not book.descricao],
        [book for book in books if not book.estoque],
        [book for book in books if ", vol. " in book.titulo],
    ):
        assert 0 < len(rare) < 200


def test_the_shelves_are_filled_as_they_should_be() -> None:
    assert len(CATEGORIES) == len(set(CATEGORIES)) == 50
    assert len({slug_of(name) for name in CATEGORIES}) == 50
    assert {classic.category for classic in CLASSICS} <= set(CATEGORIES)
    assert len({classic.title for classic in CLASSICS}) == len(CLASSICS)
    for subject in SUBJECTS:
        assert len(set(subject.terms)) == len(subject.terms) >= 12, subject.name


def test_the_category_can_be_learned_and_the_stars_cannot() -> None:
    books = make_books(1000)
    texts = [f"{book.titulo} {book.descricao}" for book in books]
    model = make_pipeline(TfidfVectorizer(sublinear_tf=True), ComplementNB())
    learned = cross_val_score(model, texts, [book.categoria for book in books], cv=3).mean()
    assert 0.7 < learned < 0.95
    liked = [book.rating >= 4 for book in books]
    majority = cross_val_score(DummyClassifier(), texts, liked, cv=3).mean()
    assert cross_val_score(model, texts, liked, cv=3).mean() < majority + 0.03


@pytest.mark.parametrize(
    ("moeda", "text"), [("GBP", "£51.07"), ("BRL", "R$51.07"), ("USD", "$51.07"), ("EUR", "€51.07")]
)
def test_prices_are_written_with_the_symbol_of_their_currency(moeda: str, text: str) -> None:
    book = replace(make_books(1)[0], preco_centavos=5107, moeda=moeda)
    assert price_text(book.preco_centavos, book.moeda) == text

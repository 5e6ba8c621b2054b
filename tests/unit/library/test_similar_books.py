"""What makes books alike."""

import numpy as np
import pytest

from praca.library.similar import BookText, SimilarBooks

SEA = "A captain and the whale: a voyage over the ocean, told by a sailor of the ship."
OCEAN = "Sailors on ships cross the oceans; whales follow the voyages of their captains."
GARDEN = "How to grow roses and tulips in the garden, with tools for the soil."
ROSES = "The gardener and the growing of a rose, from soil to flower."
SERTAO = "Uma viagem pelo sertão com os vaqueiros, a seca e a memória de um povoado."
SECA = "As memórias de vaqueiros na seca do sertão, das viagens e dos povoados."


def index(*texts: str, **changes: bool) -> SimilarBooks:
    return SimilarBooks(
        [
            BookText(10 + n, f"Title {n}", text, "", changes.get(f"b{n}", True))
            for n, text in enumerate(texts)
        ]
    )


def test_books_on_the_same_matter_come_first() -> None:
    books = index(SEA, GARDEN, SERTAO, OCEAN, ROSES, SECA)
    for one, other in ((10, 13), (11, 14), (12, 15)):
        assert books.find(one, 1)[0].id == other
        assert books.find(other, 1)[0].id == one


def test_words_are_compared_by_their_stem_and_shown_as_written() -> None:
    (found,) = index(SEA, OCEAN).find(10, 1)
    assert {"captain", "whale", "sailor"} & set(found.shared)
    assert "the" not in found.shared
    (found,) = index(SERTAO, SECA).find(10, 1)
    assert {"vaqueiros", "memória", "viagem"} & set(found.shared)


def test_a_book_is_not_like_itself_and_absent_ones_are_left_out() -> None:
    books = index(SEA, OCEAN, SEA, b1=False)
    assert [one.id for one in books.find(10, 5)] == [12]
    assert [one.id for one in books.find(11, 5)] == [10, 12]  # it may be asked for


def test_scores_fall_and_lie_between_0_and_1() -> None:
    books = index(SEA, OCEAN, SEA, GARDEN, SERTAO)
    scores = [one.score for one in books.find(10, 4)]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)
    assert scores[0] == pytest.approx(1)  # the same text


@pytest.mark.parametrize("texts", [(), ("",), ("", ""), ("x", "y"), (SEA,), (SEA, SERTAO, "…")])
def test_little_text_gives_no_books_and_no_error(texts: tuple[str, ...]) -> None:
    books = SimilarBooks([BookText(n, text, "", "") for n, text in enumerate(texts)])
    assert len(books) == len(texts)
    for n in range(len(texts)):
        for one in books.find(n, 3):
            assert np.isfinite(one.score)
            assert one.id != n
    assert -1 not in books


def test_equal_books_give_equal_answers() -> None:
    first, second = index(SEA, GARDEN, OCEAN, ROSES), index(SEA, GARDEN, OCEAN, ROSES)
    assert first.find(10, 3) == second.find(10, 3)


def test_the_category_counts() -> None:
    books = SimilarBooks(
        [
            BookText(1, "Aurora", SERTAO, "Poesia"),
            BookText(2, "Crepúsculo", GARDEN, "Poesia"),
            BookText(3, "Meio-dia", ROSES, "Romance"),
        ]
    )
    found = books.find(1, 2)
    assert found[0].id == 2
    assert "Poesia" in found[0].shared

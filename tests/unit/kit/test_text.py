import unicodedata
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from praca.kit.text import bounded, fold, squeeze

_LETTERS = st.sampled_from("abcXYZ áàâãäéêíóôõöúüçÇÁÊÕñ-0189.\t\n")


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Ação", "acao"),
        ("JOÃO DE CONCEIÇÃO", "joao de conceicao"),
        ("Pão-de-ló à moda", "pao-de-lo a moda"),
        ("a\u0301", "a"),
        ("Plain ASCII 42", "plain ascii 42"),
        ("ﬁo", "fio"),
        ("", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text(_LETTERS))
def test_folding_twice_changes_nothing_and_case_does_not_matter(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert fold(text.upper()) == folded
    assert folded.isascii()


@given(st.text())
def test_squeezed_text_has_no_outer_and_no_double_blanks(text: str) -> None:
    squeezed = squeeze(text)
    assert squeezed == squeezed.strip()
    assert squeezed.split() == text.split()
    assert "  " not in squeezed


MOST_MARKS = 30
WORST = {
    "two classes in turn": "\u0301\u0323",
    "decomposed into two": "\u0344",
    "a vowel sign of class 0": "\u0f71\u0f73\u0f81",
    "half-width sound marks": "\uff9e",
    "a letter with as many as are allowed": "a" + "\u0323\u0301" * 15,
    "a letter with one more": "a" + "\u0323\u0301" * 15 + "\u0323",
    "the longest of all decompositions": "\ufdfa",
    "a letter that grows in lower case": "\u0130",
}
MARKS = st.sampled_from("\u0301\u0323\u0344\u0f73\uff9eae\u00e7\u6f22 ")


def longest_run(text: str) -> int:
    """Of non-starters in the decomposed text: sorting them is what takes the square of it."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    runs = groupby(decomposed, key=lambda char: unicodedata.combining(char) != 0)
    return max((len([*run]) for is_mark, run in runs if is_mark), default=0)


@pytest.mark.parametrize("worst", WORST.values(), ids=WORST)
def test_normalising_bounded_text_takes_linear_time(worst: str) -> None:
    """Its runs of marks do not grow with the text, and its length no more than the text's."""
    short, long = (bounded(worst * times, 100_000) for times in (100, 1000))
    assert longest_run(long) == longest_run(short) <= 2 * MOST_MARKS
    assert len(long) <= 10 * len(short)
    assert len(unicodedata.normalize("NFKD", long)) <= 18 * len(long)


def test_a_run_of_marks_is_cut_and_what_follows_it_is_kept() -> None:
    marks = "\u0301" * 500
    assert bounded(f"a{marks}b{marks}c", 10_000) == f"a{marks[:30]}b{marks[:30]}c"
    assert bounded(f"{marks}\u6f22{marks}", 10_000) == f"{marks[:30]}\u6f22{marks[:30]}"


def test_only_the_first_characters_are_kept() -> None:
    assert bounded("abc", 2) == "ab"
    assert bounded("", 5) == bounded("abc", 0) == ""
    assert len(bounded("\u6f22" * 500, 100)) == 100


@pytest.mark.parametrize("text", ["A\u0327a\u0303o de c\u00e7", "\u6f22" * 99, "a\u0301" * 99])
def test_text_as_people_write_it_is_left_alone(text: str) -> None:
    assert bounded(text, 1000) == text


@given(st.text(MARKS, min_size=25, max_size=120), st.integers(0, 100))
def test_bounding_twice_changes_nothing(text: str, most: int) -> None:
    found = bounded(text, most)
    assert bounded(found, most) == found
    assert len(found) <= most
    assert longest_run(found) <= 2 * MOST_MARKS + 1

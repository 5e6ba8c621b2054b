import pytest
from hypothesis import given
from hypothesis import strategies as st

from praca.kit.text import fold, squeeze

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

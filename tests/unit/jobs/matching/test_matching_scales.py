import numpy as np
import pytest

from praca.jobs.matching.scales import (
    LANGUAGE,
    LEVEL,
    SCHOOLING,
    Scale,
    TextClues,
    area_bits,
    fit_table,
)
from praca.learning.text import Tokenizer

TOKENIZER = Tokenizer()
NUMBERS: dict[str, int] = {}


def number(term: str) -> int:
    return NUMBERS.setdefault(term, len(NUMBERS))


CLUES = TextClues(lambda word: number(TOKENIZER(word)[0]))


def numbers(text: str) -> list[int]:
    return [number(term) for term in TOKENIZER(text)]


@pytest.mark.parametrize(
    ("scale", "text", "label"),
    [
        (LEVEL, "Sênior", "sênior"),
        (LEVEL, "JUNIOR", "júnior"),
        (LEVEL, "Técnico de Nível Médio", "júnior"),
        (LEVEL, "Analista", "não informado"),
        (LEVEL, "", "não informado"),
        (SCHOOLING, "Ensino Superior Completo", "ensino superior"),
        (SCHOOLING, "Ensino Superior Cursando", "ensino superior em curso"),
        (SCHOOLING, "Pós Graduação Completo", "pós-graduação"),
        (SCHOOLING, "Ensino Técnico Completo", "ensino médio ou técnico"),
        (LANGUAGE, "Avançado", "avançado"),
        (LANGUAGE, "Técnico", "intermediário"),
        (LANGUAGE, "-", "não informado"),
        (LANGUAGE, "Nenhum", "nenhum"),
    ],
)
def test_levels(scale: Scale, text: str, label: str) -> None:
    assert scale.labels[scale.level(text)] == label


@pytest.mark.parametrize("scale", [LEVEL, SCHOOLING, LANGUAGE])
def test_fit_is_best_when_met_and_falls_with_what_is_missing(scale: Scale) -> None:
    table = fit_table(scale)
    known = table[1:, 1:]
    assert np.isnan(table[0]).all()
    assert np.isnan(table[:, 0]).all()
    assert (known.diagonal() == 0).all()
    assert known.min() == -1
    assert known.max() == 0
    for asked in range(known.shape[1]):
        assert (np.diff(known[: asked + 1, asked]) >= 0).all()


def test_more_language_than_asked_is_never_worse() -> None:
    assert (fit_table(LANGUAGE)[3:, 3] == 0).all()


def test_areas() -> None:
    several = area_bits("Gestão e Alocação de Recursos de TI-TI - SAP-")
    assert several.bit_count() == 2
    assert several & area_bits("ti - sap")
    assert area_bits("TI - Astrologia") == 0
    assert area_bits(" ") == 0


def test_clues_in_a_cv() -> None:
    cv = numbers(
        "Analista sênior de sistemas. Bacharelado em Computação; MBA em gestão."
        " Idiomas: inglês avançado, espanhol - básico."
    )
    assert LEVEL.labels[CLUES.level(cv)] == "sênior"
    assert SCHOOLING.labels[CLUES.schooling(set(cv))] == "pós-graduação"
    assert LANGUAGE.labels[CLUES.english(cv)] == "avançado"
    assert LANGUAGE.labels[CLUES.spanish(cv)] == "básico"


def test_no_clues() -> None:
    assert CLUES.level([]) == CLUES.schooling(set()) == CLUES.english([]) == 0
    assert CLUES.english(numbers("leciona inglês")) == 0

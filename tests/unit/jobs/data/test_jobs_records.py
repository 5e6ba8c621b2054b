from typing import Any

import pytest

from praca.jobs.errors import InvalidCursorError, InvalidRecordError
from praca.jobs.fields import VACANCY_ALIASES, VACANCY_BASIC, api_spelling
from praca.jobs.listing import Sort, SortKey, _decode_cursor, _encode_cursor, folded, prefix_query
from praca.jobs.records import read_candidate, read_code, read_vacancy

_SORT = Sort((SortKey("jobs.sort_key(nome)", "text"), SortKey("codigo", "bigint")))


def test_file_spellings_become_api_spellings() -> None:
    theirs, ours = "data_requi" + "cisao", "data_requi" + "sicao"
    assert ours in VACANCY_BASIC
    assert theirs not in VACANCY_BASIC
    section = {theirs: "01-02-2020", "nivel profissional": "Pleno", "outro": "x"}
    assert api_spelling(section, VACANCY_ALIASES) == {
        ours: "01-02-2020",
        "nivel_profissional": "Pleno",
        "outro": "x",
    }
    assert api_spelling({theirs: "a", ours: "b"}, VACANCY_ALIASES) == {ours: "b"}


def test_values_become_text_and_codes_become_numbers() -> None:
    record = read_candidate(
        {
            "infos_basicas": {"nome": 5, "email": None, "codigo_profissional": "777002"},
            "informacoes_pessoais": None,
            "cv_pt": "texto",
            "desconhecido": [1, {"a": "b"}],
        }
    )
    assert record.code == 777002
    assert record.sections == {"infos_basicas": {"nome": "5", "email": ""}}
    assert record.texts == {"cv_pt": "texto"}
    assert record.extras == {"desconhecido": [1, {"a": "b"}]}


BAD_CODES: list[Any] = [0, -1, True, "x", 1.5, float("inf"), 2**63, "9" * 400, []]


@pytest.mark.parametrize(
    ("basic", "loc"),
    [
        (None, ("body", "infos_basicas")),
        ([], ("body", "infos_basicas")),
        ({}, ("body", "infos_basicas", "nome")),
        ({"nome": "a\0"}, ("body", "infos_basicas", "nome")),
        ({"nome": "\ud800"}, ("body", "infos_basicas", "nome")),
        ({"nome": "x" * 200_001}, ("body", "infos_basicas", "nome")),
        ({"nome": {"a": 1}}, ("body", "infos_basicas", "nome")),
        ({"nome": "a", "z": [float("nan")]}, ("body", "infos_basicas", "z")),
        *(({"nome": "a", "codigo_profissional": code}, None) for code in BAD_CODES),
    ],
)
def test_bad_candidates_are_refused_with_the_field(
    basic: object, loc: tuple[str, ...] | None
) -> None:
    with pytest.raises(InvalidRecordError) as caught:
        read_candidate({"infos_basicas": basic})
    expected = loc or ("body", "infos_basicas", "codigo_profissional")
    assert expected in [error.loc for error in caught.value.errors]


def test_vacancies_may_be_empty_and_take_the_names_of_answers() -> None:
    assert read_vacancy({"infos_basicas": {}}).code is None
    record = read_vacancy({"infos_basicas": {}, "perfil": {"id": 3, "cidade": "Recife"}})
    assert record.sections["perfil_vaga"] == {"cidade": "Recife"}


def test_codes_in_paths() -> None:
    assert read_code("31000") == 31000
    for text in ("", "x", "-1", "1.0", "٣", str(2**63), "9" * 100):
        assert read_code(text) is None


def test_search_words_are_sanitised() -> None:
    assert prefix_query("Ação  & C# | !x:*") == "acao:* & c:* & x:*"
    assert prefix_query("&|!") is None
    assert prefix_query(None) is None
    assert folded(" São Paulo\0 ") == "sao paulo"


def test_cursors_come_back_and_foreign_ones_do_not() -> None:
    cursor = _encode_cursor("nome", ["joão", 7])
    assert _decode_cursor(cursor, "nome", _SORT) == ["joão", 7]
    bad = ["", "abc", "é", "!!", _encode_cursor("-nome", ["a", 1]), _encode_cursor("nome", ["a"])]
    bad += [_encode_cursor("nome", values) for values in (["a", True], [1, 1], ["\0", 1])]
    for wrong in bad:
        with pytest.raises(InvalidCursorError):
            _decode_cursor(wrong, "nome", _SORT)

import contextlib
import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from praca.jobs.transfer.errors import RejectedRecordError
from praca.jobs.transfer.records import (
    BadProspect,
    ProspectRow,
    candidate_row,
    prospect_rows,
    record_code,
    vacancy_row,
)
from praca.jobs.transfer.stream import Member


def member(value: Any) -> Member:
    return Member(0, b'"7"', value if isinstance(value, bytes) else json.dumps(value).encode())


def vacancy(value: Any) -> list[Any]:
    return [orjson.loads(column) for column in vacancy_row(member(value), 7)[1]]


def refused(value: Any, row: Any = candidate_row) -> tuple[str, str]:
    with pytest.raises(RejectedRecordError) as caught:
        row(member(value), 7)
    return caught.value.field, caught.value.reason


def test_the_spellings_of_the_files_become_those_of_the_api() -> None:
    basic, profile, benefits, extras = vacancy(
        {
            "informacoes_basicas": {"titulo_vaga": "x", "codigo_vaga": "7"},
            "perfil_vaga": {"nivel profissional": "Pleno"},
            "novo": [1.5, None],
        }
    )
    assert basic == {"titulo_vaga": "x"}
    assert profile == {"nivel_profissional": "Pleno"}
    assert benefits == {}
    assert extras == {"novo": [1.5, None]}


def test_plain_values_become_text_as_written_and_unknown_structures_stay() -> None:
    raw = (
        b'{"informacoes_basicas":{},"beneficios":{"valor_venda":4500.00,"valor_compra_1":null,'
        b'"valor_compra_2":12345678901234567890,"sim":true,"lista":[1,"a",{"b":2.5}]}}'
    )
    assert vacancy(raw)[2] == {
        "valor_venda": "4500.00",
        "valor_compra_1": "",
        "valor_compra_2": "12345678901234567890",
        "sim": "true",
        "lista": [1, "a", {"b": 2.5}],
    }


@pytest.mark.parametrize(
    ("value", "field", "reason"),
    [
        ([], "", "objeto"),
        ({"infos_basicas": []}, "infos_basicas", "objeto"),
        ({}, "infos_basicas.nome", "obrigatório"),
        ({"infos_basicas": {"nome": " "}}, "infos_basicas.nome", "obrigatório"),
        ({"infos_basicas": {"nome": ["x"]}}, "infos_basicas.nome", "texto"),
        ({"infos_basicas": {"nome": "x\0"}}, "infos_basicas.nome", "NUL"),
        ({"infos_basicas": {"nome": "\ud800"}}, "infos_basicas.nome", "substituto"),
        ({"infos_basicas": {"nome": "x", "\0": "x"}}, "infos_basicas.\\0", "NUL"),
        (
            {"infos_basicas": {"nome": "x", "codigo_profissional": 8}},
            "infos_basicas.codigo_profissional",
            "difere",
        ),
        ({"infos_basicas": {"nome": "x"}, "cv_pt": {}}, "cv_pt", "texto"),
        ({"infos_basicas": {"nome": "x" * 200_001}}, "infos_basicas.nome", "mais de"),
        ({"infos_basicas": {"nome": "x", "n": [10**30]}}, "infos_basicas.n", "grande"),
        (b'{"infos_basicas":{"nome":"x","n":[1e999]}}', "infos_basicas.n", "grande"),
    ],
)
def test_a_bad_candidate_says_where_and_why(value: Any, field: str, reason: str) -> None:
    where, why = refused(value)
    assert where == field
    assert reason in why


@pytest.mark.parametrize(
    ("row", "value", "field"),
    [
        (candidate_row, {"infos_basicas": {"nome": "x"}, "beneficios": {}}, "beneficios"),
        (vacancy_row, {"infos_basicas": {}, "informacoes_pessoais": {}}, "informacoes_pessoais"),
        (vacancy_row, {"titulo": "x", "prospects": []}, "prospects"),
    ],
)
def test_a_record_of_another_kind_is_refused(row: Any, value: Any, field: str) -> None:
    assert refused(value, row) == (field, "pertence a outro tipo de arquivo")


def test_a_record_that_also_has_sections_of_another_kind_keeps_them() -> None:
    extras = vacancy({"perfil_vaga": {}, "formacao_e_idiomas": {"a": "b"}, "prospects": [1]})[3]
    assert extras == {"formacao_e_idiomas": {"a": "b"}, "prospects": [1]}


def test_an_escaped_backslash_is_no_nul() -> None:
    columns = candidate_row(member({"infos_basicas": {"nome": "\\u0000 \\ud800 😀"}}), 7)[1]
    assert orjson.loads(columns[0]) == {"nome": "\\u0000 \\ud800 😀"}


@pytest.mark.parametrize("code", ["0", "-1", "", "x", "1.5", "²", "9" * 19, 0, 2**63, True, None])
def test_codes_are_positive_and_fit(code: Any) -> None:
    with pytest.raises(RejectedRecordError):
        record_code(code, "codigo")


@given(st.integers(1, 2**63 - 1))
def test_codes_may_be_numbers_or_digits(code: int) -> None:
    assert record_code(code, "") == record_code(str(code), "") == record_code(f"00{code}", "")


APPLICATION = {
    "nome": "Ana",
    "codigo": "5",
    "situacao_candidado": "Prospect",
    "data_candidatura": "01-02-2021",
    "ultima_atualizacao": "01-02-2021",
    "recrutador": "Bia",
}


def test_one_bad_application_costs_only_itself() -> None:
    without = {name: value for name, value in APPLICATION.items() if name != "recrutador"}
    group, bad, good, implied, other = prospect_rows(
        member(
            {
                "titulo": "Vaga",
                "modalidade": "",
                "prospects": [without, APPLICATION, {**APPLICATION, "titulo_vaga": "Outra"}],
            }
        ),
        7,
    )
    assert isinstance(group, ProspectRow)
    assert group.codigo_candidato is None
    assert isinstance(bad, BadProspect)
    assert (bad.codigo_candidato, bad.field) == (5, "prospects[0].recrutador")
    assert isinstance(good, ProspectRow)
    assert good.fields == ("Ana", "Prospect", "01-02-2021", "01-02-2021", None, "Bia")
    assert isinstance(implied, ProspectRow)
    assert implied.implied
    assert isinstance(other, ProspectRow)
    assert other.titulo_vaga == "Outra"


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({"prospects": []}, "titulo"),
        ({"titulo": "x" * 501, "prospects": []}, "titulo"),
        ({"titulo": "x", "prospects": {}}, "prospects"),
        ({"titulo": "x", "outros_titulos": [1]}, "outros_titulos"),
    ],
)
def test_a_bad_group_is_refused_whole(value: Any, field: str) -> None:
    assert refused(value, prospect_rows)[0] == field


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["infos_basicas", "nome", "codigo", "titulo", "prospects", "cv_pt", "nivel profissional", "x"]
)
RECORDS = st.dictionaries(NAMES, st.dictionaries(NAMES, JSON) | st.lists(JSON) | JSON)


@given(RECORDS)
def test_any_record_is_taken_or_refused_but_never_fails(record: dict[str, Any]) -> None:
    for row in (candidate_row, vacancy_row, prospect_rows):
        with contextlib.suppress(RejectedRecordError):
            row(member(record), 7)

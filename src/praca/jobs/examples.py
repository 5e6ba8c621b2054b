"""What the documentation shows of the job centre's records."""

from collections.abc import Mapping
from typing import Any, Final

from praca.jobs.fields import (
    CANDIDATE_BASIC,
    CANDIDATE_SECTIONS,
    VACANCY_BASIC,
    VACANCY_SECTIONS,
)

__all__ = [
    "CANDIDATE",
    "CANDIDATE_DETAILS",
    "CANDIDATE_ROW",
    "PROSPECT",
    "PROSPECT_GROUP",
    "VACANCY",
    "VACANCY_DETAILS",
    "VACANCY_ROW",
    "answers",
    "page_of",
]

_Json = dict[str, Any]
_CANDIDATE_CODE: Final = {"codigo_profissional": 777002}
_VACANCY_CODE: Final = {"codigo_vaga": 14223}

CANDIDATE: Final[_Json] = {
    "infos_basicas": {
        "nome": "Maria Souza",
        "email": "maria.souza@example.com",
        "local": "São Paulo, São Paulo",
        "objetivo_profissional": "Analista de Dados",
    },
    "informacoes_pessoais": {"data_nascimento": "01-02-1990"},
    "informacoes_profissionais": {
        "titulo_profissional": "Analista de Dados",
        "area_atuacao": "TI - Banco de Dados",
        "conhecimentos_tecnicos": "SQL, Python, Power BI",
        "nivel_profissional": "Pleno",
    },
    "formacao_e_idiomas": {"nivel_academico": "Ensino Superior Completo", "nivel_ingles": "Médio"},
    "cv_pt": "Analista com cinco anos de experiência em relatórios e bancos de dados.",
}
VACANCY: Final[_Json] = {
    "infos_basicas": {
        "titulo_vaga": "Analista de Dados",
        "cliente": "Empresa Exemplo",
        "objetivo_vaga": "Contratação",
    },
    "perfil_vaga": {
        "cidade": "São Paulo",
        "estado": "São Paulo",
        "nivel_profissional": "Pleno",
        "areas_atuacao": "TI - Banco de Dados",
        "competencia_tecnicas_e_comportamentais": "SQL, Python, boa comunicação",
    },
    "beneficios": {"valor_venda": "", "valor_compra_1": "R$ 8.000", "valor_compra_2": ""},
}


def _shown(codes: Mapping[str, int], fields: tuple[str, ...], given: Mapping[str, Any]) -> _Json:
    return {**codes, **{name: given.get(name, "") for name in fields}}


def _sections(
    codes: Mapping[str, int], sections: Mapping[str, tuple[str, ...]], sent: _Json
) -> _Json:
    row_id = {"id": next(iter(codes.values()))}
    return {
        name: _shown(codes if name == "infos_basicas" else {**row_id, **codes}, fields, sent[name])
        for name, fields in sections.items()
    }


_PROFILE: Final = _sections(_VACANCY_CODE, VACANCY_SECTIONS, VACANCY)
CANDIDATE_ROW: Final = _shown(_CANDIDATE_CODE, CANDIDATE_BASIC, CANDIDATE["infos_basicas"])
CANDIDATE_DETAILS: Final = {
    **_sections(_CANDIDATE_CODE, CANDIDATE_SECTIONS, CANDIDATE),
    "curriculos": {"id": 777002, **_CANDIDATE_CODE, "cv_pt": CANDIDATE["cv_pt"], "cv_en": ""},
}
VACANCY_ROW: Final = _shown(_VACANCY_CODE, VACANCY_BASIC, VACANCY["infos_basicas"])
VACANCY_DETAILS: Final = {"data": {**_PROFILE, "perfil": _PROFILE["perfil_vaga"]}}
PROSPECT: Final[_Json] = {
    "id": 1,
    **_VACANCY_CODE,
    "titulo_vaga": "Analista de Dados",
    "nome": "Maria Souza",
    "codigo_candidato": 777002,
    "situacao_candidato": "Inscrito",
    "data_candidatura": "2026-11-22",
    "ultima_atualizacao": "22-11-2026",
    "comentario": "Indicada por colega",
    "recrutador": "Ana Lima",
}
PROSPECT_GROUP: Final[_Json] = {
    **_VACANCY_CODE,
    "titulo_vaga": "Analista de Dados",
    "modalidade": "",
    "prospects": [PROSPECT],
}


def page_of(record: _Json, *, total: str = "total") -> _Json:
    """Return a list's page with this one record."""
    return {total: 1, "offset": 0, "limit": 100, "next_cursor": None, "data": [record]}


def answers(example: _Json) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI ``responses`` of an operation whose answer looks like ``example``."""
    return {200: {"content": {"application/json": {"example": example}}}}

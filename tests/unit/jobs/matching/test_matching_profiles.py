import pytest
from hypothesis import given
from hypothesis import strategies as st

from praca.jobs.matching.endpoints import RecommendationRequest
from praca.jobs.matching.outcomes import HIRED, REJECTED, Outcome, outcome_of
from praca.jobs.matching.profiles import (
    CandidateProfile,
    VacancyProfile,
    candidate_from_record,
    candidate_from_request,
    vacancy_from_record,
    vacancy_from_request,
)

CANDIDATE = {
    "infos_basicas": {
        "codigo_profissional": "31000",
        "nome": "SEGREDO",
        "email": "SEGREDO",
        "local": "SEGREDO",
        "objetivo_profissional": "Analista",
    },
    "informacoes_pessoais": {"sexo": "SEGREDO", "estado_civil": "SEGREDO", "pcd": "SEGREDO"},
    "informacoes_profissionais": {
        "titulo_profissional": "Dev",
        "area_atuacao": "TI - SAP",
        "conhecimentos_tecnicos": "java",
        "certificacoes": "OCP",
        "outras_certificacoes": "ITIL",
        "remuneracao": "SEGREDO",
        "nivel_profissional": "Pleno",
    },
    "formacao_e_idiomas": {
        "nivel_academico": "Mestrado",
        "nivel_ingles": "Básico",
        "nivel_espanhol": "Nenhum",
        "outro_idioma": "-",
    },
    "cv_pt": "meu cv",
}
PERFIL = {
    "cidade": "SEGREDO",
    "faixa_etaria": "SEGREDO",
    "vaga_especifica_para_pcd": "SEGREDO",
    "nivel profissional": "Sênior",
    "nivel_academico": "Médio",
    "nivel_ingles": "Fluente",
    "nivel_espanhol": "Básico",
    "areas_atuacao": "TI - SAP-",
    "principais_atividades": "fazer",
    "competencia_tecnicas_e_comportamentais": "saber",
    "demais_observacoes": "já",
}


def test_a_stored_candidate() -> None:
    assert candidate_from_record(CANDIDATE) == CandidateProfile(
        codigo=31000,
        titulo="Dev",
        objetivo="Analista",
        area="TI - SAP",
        conhecimentos="java",
        certificacoes="OCP\nITIL",
        nivel_profissional="Pleno",
        nivel_academico="Mestrado",
        ingles="Básico",
        espanhol="Nenhum",
        outros_idiomas="-",
        cv="meu cv",
    )


@pytest.mark.parametrize("basic", ["infos_basicas", "informacoes_basicas"])
@pytest.mark.parametrize("profile", ["perfil_vaga", "perfil"])
@pytest.mark.parametrize("level", ["nivel profissional", "nivel_profissional"])
def test_a_stored_vacancy_in_every_spelling(basic: str, profile: str, level: str) -> None:
    section = {key: value for key, value in PERFIL.items() if key != "nivel profissional"}
    record = {
        basic: {"titulo_vaga": "Consultor", "cliente": "SEGREDO", "codigo_vaga": 7},
        profile: section | {level: "Sênior"},
        "beneficios": {"valor_venda": "SEGREDO"},
    }
    vacancy = vacancy_from_record(record)
    assert vacancy.codigo == 7
    assert vacancy.titulo == "Consultor"
    assert vacancy.nivel_profissional == "Sênior"
    assert vacancy.competencias == "saber"
    assert "SEGREDO" not in repr(vacancy)
    assert vacancy_from_record(record, 9).codigo == 9


def test_nothing_private_is_read() -> None:
    assert "SEGREDO" not in repr(candidate_from_record(CANDIDATE))


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"infos_basicas": None, "perfil_vaga": None, "cv_pt": None},
        {"infos_basicas": [], "perfil_vaga": "x", "formacao_e_idiomas": 3, "cv_pt": 5},
        {"infos_basicas": {"codigo_profissional": "x", "codigo_vaga": "9" * 40}},
    ],
)
def test_missing_sections_are_empty(record: dict[str, object]) -> None:
    assert candidate_from_record(record) == CandidateProfile()
    assert vacancy_from_record(record) == VacancyProfile()


def test_the_cv_of_a_details_answer() -> None:
    assert candidate_from_record({"curriculos": {"cv_pt": "texto"}}).cv == "texto"


def test_requests() -> None:
    payload = {
        "titulo_profissional": "Dev",
        "titulo_vaga": "Vaga",
        "nivel_profissional": "Pleno",
        "nivel_profissional_vaga": "Sênior",
        "ingles": "Básico",
        "nivel_ingles_vaga": "Fluente",
        "area_atuacao": "A",
        "areas_atuacao_vaga": "B",
        "cv_candidato": "cv",
        "competencia_tecnicas_e_comportamentais": "c",
        "outras_certificacoes": "X",
        "sexo": "SEGREDO",
        "cidade": "SEGREDO",
    }
    candidate, vacancy = (
        candidate_from_request(payload),
        vacancy_from_request(payload),
    )
    assert candidate == CandidateProfile(
        titulo="Dev",
        area="A",
        certificacoes="X",
        nivel_profissional="Pleno",
        ingles="Básico",
        cv="cv",
    )
    assert vacancy == VacancyProfile(
        titulo="Vaga", areas="B", competencias="c", nivel_profissional="Sênior", ingles="Fluente"
    )
    assert candidate_from_request(payload | {"pcd": "SEGREDO"}) == candidate
    # A recommendation is asked for without area and level: its payload has no such fields.
    asked = RecommendationRequest.model_validate(payload).model_dump()
    assert candidate_from_request(asked) == CandidateProfile(
        titulo="Dev", certificacoes="X", ingles="Básico", cv="cv"
    )


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        *((status, Outcome.HIRED) for status in HIRED),
        *((status, Outcome.REJECTED) for status in REJECTED),
        ("  nao APROVADO pelo  cliente ", Outcome.REJECTED),
        ("Documentacao pj", Outcome.HIRED),
        ("Prospect", Outcome.UNDECIDED),
        ("Encaminhado ao Requisitante", Outcome.UNDECIDED),
        ("Desistiu da Contratação", Outcome.UNDECIDED),
        ("", Outcome.UNDECIDED),
    ],
)
def test_outcomes(status: str, outcome: Outcome) -> None:
    assert outcome_of(status) is outcome


@given(st.text())
def test_every_status_has_an_outcome(status: str) -> None:
    assert outcome_of(status) in Outcome

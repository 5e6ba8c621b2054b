import re
from datetime import datetime
from itertools import islice
from typing import Any

import pytest

from praca.jobs.sample import SampleCity
from praca.kit.cpf import is_valid_cpf

BASICS = {
    "telefone_recado",
    "telefone",
    "objetivo_profissional",
    "data_criacao",
    "inserido_por",
    "email",
    "local",
    "sabendo_de_nos_por",
    "data_atualizacao",
    "codigo_profissional",
    "nome",
}
PERSONAL = {
    "data_aceite",
    "nome",
    "cpf",
    "fonte_indicacao",
    "email",
    "email_secundario",
    "data_nascimento",
    "telefone_celular",
    "telefone_recado",
    "sexo",
    "estado_civil",
    "pcd",
    "endereco",
    "skype",
    "url_linkedin",
    "facebook",
    "dados_ficticios",
}
PROFESSIONAL = {
    "titulo_profissional",
    "area_atuacao",
    "conhecimentos_tecnicos",
    "certificacoes",
    "outras_certificacoes",
    "remuneracao",
    "nivel_profissional",
}
EDUCATION = {"nivel_academico", "nivel_ingles", "nivel_espanhol", "outro_idioma"}
EDUCATION_EXTRA = {"instituicao_ensino_superior", "cursos", "ano_conclusao"}
VACANCY_BASICS = {
    "data_requicisao",
    "limite_esperado_para_contratacao",
    "titulo_vaga",
    "vaga_sap",
    "cliente",
    "solicitante_cliente",
    "empresa_divisao",
    "requisitante",
    "analista_responsavel",
    "tipo_contratacao",
    "prazo_contratacao",
    "objetivo_vaga",
    "prioridade_vaga",
    "origem_vaga",
    "superior_imediato",
    "nome",
    "telefone",
}
VACANCY_PROFILE = {
    "pais",
    "estado",
    "cidade",
    "bairro",
    "regiao",
    "local_trabalho",
    "vaga_especifica_para_pcd",
    "faixa_etaria",
    "horario_trabalho",
    "nivel profissional",
    "nivel_academico",
    "nivel_ingles",
    "nivel_espanhol",
    "outro_idioma",
    "areas_atuacao",
    "principais_atividades",
    "competencia_tecnicas_e_comportamentais",
    "demais_observacoes",
    "viagens_requeridas",
    "equipamentos_necessarios",
}
LEVELS = {
    "Aprendiz",
    "Auxiliar",
    "Assistente",
    "Júnior",
    "Pleno",
    "Sênior",
    "Especialista",
    "Analista",
    "Coordenador",
    "Gerente",
    "Líder",
    "Supervisor",
}
LANGUAGE_LEVELS = {"", "Nenhum", "Básico", "Intermediário", "Avançado", "Fluente", "Técnico"}
MARKUP_LEFT_OVER = re.compile(r"[{}\[\]|]{2}|\[[^\]]*\||\{[a-z]")


@pytest.fixture(scope="module")
def applicants() -> dict[str, dict[str, Any]]:
    return dict(islice(SampleCity(candidates=1_500).applicants(), 1_500))


@pytest.fixture(scope="module")
def vagas() -> dict[str, dict[str, Any]]:
    return dict(SampleCity(vacancies=800).vagas())


def strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in strings(item)]
    assert isinstance(value, str)
    return [value]


def test_applicants_have_the_real_keys(applicants: dict[str, dict[str, Any]]) -> None:
    for code, record in applicants.items():
        assert list(record) == [
            "infos_basicas",
            "informacoes_pessoais",
            "informacoes_profissionais",
            "formacao_e_idiomas",
            "cargo_atual",
            "cv_pt",
            "cv_en",
        ]
        assert set(record["infos_basicas"]) == BASICS
        assert set(record["informacoes_pessoais"]) == PERSONAL
        assert set(record["informacoes_profissionais"]) == PROFESSIONAL
        assert set(record["formacao_e_idiomas"]) - EDUCATION in (set(), EDUCATION_EXTRA)
        assert set(record["formacao_e_idiomas"]) >= EDUCATION
        assert record["cargo_atual"] == {}
        assert record["infos_basicas"]["codigo_profissional"] == code


def test_vagas_have_the_real_keys(vagas: dict[str, dict[str, Any]]) -> None:
    for record in vagas.values():
        assert list(record) == ["informacoes_basicas", "perfil_vaga", "beneficios"]
        extra = set(record["informacoes_basicas"]) - VACANCY_BASICS
        assert extra in (set(), {"data_inicial", "data_final"})
        assert set(record["informacoes_basicas"]) >= VACANCY_BASICS
        extra = set(record["perfil_vaga"]) - VACANCY_PROFILE
        assert extra in (set(), {"habilidades_comportamentais_necessarias"})
        assert set(record["perfil_vaga"]) >= VACANCY_PROFILE
        assert set(record["beneficios"]) == {"valor_venda", "valor_compra_1", "valor_compra_2"}


def test_values_come_from_the_vocabularies(
    applicants: dict[str, dict[str, Any]], vagas: dict[str, dict[str, Any]]
) -> None:
    for record in applicants.values():
        assert record["informacoes_profissionais"]["nivel_profissional"] in LEVELS | {""}
        assert record["formacao_e_idiomas"]["nivel_ingles"] in LANGUAGE_LEVELS
    for record in vagas.values():
        assert record["perfil_vaga"]["nivel profissional"] in LEVELS
        assert record["perfil_vaga"]["nivel_ingles"] in LANGUAGE_LEVELS
        assert record["perfil_vaga"]["areas_atuacao"].endswith("-")


def test_every_value_is_text_without_left_over_markup(
    applicants: dict[str, dict[str, Any]], vagas: dict[str, dict[str, Any]]
) -> None:
    for record in (*applicants.values(), *vagas.values()):
        for text in strings(record):
            assert not MARKUP_LEFT_OVER.search(text), text


def test_every_candidate_is_flagged_and_unreachable(
    applicants: dict[str, dict[str, Any]],
) -> None:
    for record in applicants.values():
        personal = record["informacoes_pessoais"]
        assert personal["fonte_indicacao"] == "Cadastro fictício da cidade-modelo"
        assert personal["dados_ficticios"] == "sim"
        assert re.fullmatch(r"\(00\) 9\d{4}-\d{4}", record["infos_basicas"]["telefone"])
        assert re.fullmatch(r"[a-z0-9._]+@([a-z]+\.)?example\.(org|com)", personal["email"])


def test_cpfs_are_valid_and_unique(applicants: dict[str, dict[str, Any]]) -> None:
    numbers = [record["informacoes_pessoais"]["cpf"] for record in applicants.values()]
    assert all(is_valid_cpf(number) for number in numbers)
    assert len(set(numbers)) == len(numbers)


def test_dates_are_in_the_files_forms(
    applicants: dict[str, dict[str, Any]], vagas: dict[str, dict[str, Any]]
) -> None:
    unknown = 0
    for record in applicants.values():
        made, changed = (
            datetime.strptime(record["infos_basicas"][key], "%d-%m-%Y %H:%M:%S")  # noqa: DTZ007
            for key in ("data_criacao", "data_atualizacao")
        )
        assert made < changed
        born = record["informacoes_pessoais"]["data_nascimento"]
        if born == "0000-00-00":
            unknown += 1
        else:
            age = (made - datetime.strptime(born, "%d-%m-%Y")).days / 365.25  # noqa: DTZ007
            assert 15 <= age < 80
    assert 0.02 < unknown / len(applicants) < 0.09
    for record in vagas.values():
        assert re.fullmatch(r"\d\d-\d\d-20\d\d", record["informacoes_basicas"]["data_requicisao"])


def test_cvs_have_a_believable_length(applicants: dict[str, dict[str, Any]]) -> None:
    words = sorted(len(record["cv_pt"].split()) for record in applicants.values())
    share_without = words.count(0) / len(words)
    written = [count for count in words if count]
    in_range = [count for count in written if 90 <= count <= 350]
    assert 0.01 < share_without < 0.06
    assert len(in_range) / len(written) > 0.9
    assert min(written) > 25


def test_some_cvs_are_sloppy(applicants: dict[str, dict[str, Any]]) -> None:
    texts = [record["cv_pt"] for record in applicants.values() if record["cv_pt"]]
    accentless = [text for text in texts if text.isascii()]
    lower = [text for text in texts if text == text.lower()]
    assert 0.05 < len(accentless) / len(texts) < 0.25
    assert 0.05 < len(lower) / len(texts) < 0.25


def test_cvs_seldom_repeat(applicants: dict[str, dict[str, Any]]) -> None:
    texts = [record["cv_pt"] for record in applicants.values() if record["cv_pt"]]
    assert len(set(texts)) == len(texts)


def test_a_share_of_fields_is_empty(applicants: dict[str, dict[str, Any]]) -> None:
    values = [text for record in applicants.values() for text in strings(record)]
    assert 0.15 < values.count("") / len(values) < 0.5

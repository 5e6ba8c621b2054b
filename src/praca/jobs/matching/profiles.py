"""What the matcher reads of a person and of a vacancy, and nothing else.

Sex, marital status, age, disability, address, city and names are accepted by every builder and
read by none (Lei 9.029/95): a field that is not in a profile cannot influence a score.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = [
    "CandidateProfile",
    "VacancyProfile",
    "candidate_from_record",
    "candidate_from_request",
    "vacancy_from_record",
    "vacancy_from_request",
]


@dataclass(frozen=True, slots=True)
class CandidateProfile:
    """A person as the matcher sees them; all text as written, ``""`` where nothing is known."""

    codigo: int | None = None
    titulo: str = ""
    objetivo: str = ""
    area: str = ""
    conhecimentos: str = ""
    certificacoes: str = ""
    nivel_profissional: str = ""
    nivel_academico: str = ""
    ingles: str = ""
    espanhol: str = ""
    outros_idiomas: str = ""
    cv: str = ""


@dataclass(frozen=True, slots=True)
class VacancyProfile:
    """A vacancy as the matcher sees it; all text as written, ``""`` where nothing is known."""

    codigo: int | None = None
    titulo: str = ""
    areas: str = ""
    atividades: str = ""
    competencias: str = ""
    nivel_profissional: str = ""
    nivel_academico: str = ""
    ingles: str = ""
    espanhol: str = ""
    outros_idiomas: str = ""
    observacoes: str = ""
    tipo_contratacao: str = ""
    vaga_sap: str = ""


def candidate_from_record(
    sections: Mapping[str, Any], codigo: int | None = None
) -> CandidateProfile:
    """Read a stored candidate: sections by their API names, any of them absent or null.

    Args:
        sections: ``infos_basicas``, ``informacoes_profissionais``, ``formacao_e_idiomas`` and
            ``cv_pt`` (or ``curriculos.cv_pt``); others are not read.
        codigo: the candidate's code; that of ``infos_basicas`` if left out.
    """
    basic = _section(sections, "infos_basicas", "informacoes_basicas")
    work = _section(sections, "informacoes_profissionais")
    education = _section(sections, "formacao_e_idiomas")
    curriculum = _section(sections, "curriculos")
    return CandidateProfile(
        codigo=_code(basic, "codigo_profissional") if codigo is None else codigo,
        titulo=_text(work, "titulo_profissional"),
        objetivo=_text(basic, "objetivo_profissional"),
        area=_text(work, "area_atuacao"),
        conhecimentos=_text(work, "conhecimentos_tecnicos"),
        certificacoes=_joined(work, "certificacoes", "outras_certificacoes"),
        nivel_profissional=_text(work, "nivel_profissional", "nivel profissional"),
        nivel_academico=_text(education, "nivel_academico"),
        ingles=_text(education, "nivel_ingles"),
        espanhol=_text(education, "nivel_espanhol"),
        outros_idiomas=_text(education, "outro_idioma", "outros_idiomas"),
        cv=_text(sections, "cv_pt") or _text(curriculum, "cv_pt"),
    )


def vacancy_from_record(sections: Mapping[str, Any], codigo: int | None = None) -> VacancyProfile:
    """Read a stored vacancy: sections by their API or file names, any of them absent or null.

    Args:
        sections: ``infos_basicas`` (or ``informacoes_basicas``) and ``perfil_vaga`` (or
            ``perfil``); others are not read.
        codigo: the vacancy's code; that of ``infos_basicas`` if left out.
    """
    basic = _section(sections, "infos_basicas", "informacoes_basicas")
    profile = _section(sections, "perfil_vaga", "perfil")
    return VacancyProfile(
        codigo=_code(basic, "codigo_vaga") if codigo is None else codigo,
        titulo=_text(basic, "titulo_vaga"),
        areas=_text(profile, "areas_atuacao"),
        atividades=_text(profile, "principais_atividades"),
        competencias=_joined(
            profile,
            "competencia_tecnicas_e_comportamentais",
            "habilidades_comportamentais_necessarias",
        ),
        nivel_profissional=_text(profile, "nivel_profissional", "nivel profissional"),
        nivel_academico=_text(profile, "nivel_academico"),
        ingles=_text(profile, "nivel_ingles"),
        espanhol=_text(profile, "nivel_espanhol"),
        outros_idiomas=_text(profile, "outro_idioma"),
        observacoes=_text(profile, "demais_observacoes"),
        tipo_contratacao=_text(basic, "tipo_contratacao"),
        vaga_sap=_text(basic, "vaga_sap"),
    )


def candidate_from_request(payload: Mapping[str, str]) -> CandidateProfile:
    """Read the candidate of a prediction's payload; absent fields are empty."""
    return CandidateProfile(
        titulo=_text(payload, "titulo_profissional"),
        area=_text(payload, "area_atuacao"),
        conhecimentos=_text(payload, "conhecimentos_tecnicos"),
        certificacoes=_joined(payload, "certificacoes", "outras_certificacoes"),
        nivel_profissional=_text(payload, "nivel_profissional"),
        nivel_academico=_text(payload, "nivel_academico"),
        ingles=_text(payload, "ingles"),
        espanhol=_text(payload, "espanhol"),
        outros_idiomas=_text(payload, "outros_idiomas"),
        cv=_text(payload, "cv_candidato"),
    )


def vacancy_from_request(payload: Mapping[str, str]) -> VacancyProfile:
    """Read the vacancy of a prediction's payload; absent fields are empty."""
    return VacancyProfile(
        titulo=_text(payload, "titulo_vaga"),
        areas=_text(payload, "areas_atuacao_vaga"),
        atividades=_text(payload, "principais_atividades"),
        competencias=_text(payload, "competencia_tecnicas_e_comportamentais"),
        nivel_profissional=_text(payload, "nivel_profissional_vaga"),
        nivel_academico=_text(payload, "nivel_academico_vaga"),
        ingles=_text(payload, "nivel_ingles_vaga"),
        espanhol=_text(payload, "nivel_espanhol_vaga"),
        tipo_contratacao=_text(payload, "tipo_contratacao"),
    )


def _section(record: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    for name in names:
        section = record.get(name)
        if isinstance(section, Mapping):
            return section
    return {}


def _text(section: Mapping[str, Any], *names: str) -> str:
    for name in names:
        value = section.get(name)
        if isinstance(value, str) and value:
            return value
    return ""


def _joined(section: Mapping[str, Any], *names: str) -> str:
    return "\n".join(text for name in names if (text := _text(section, name)))


def _code(section: Mapping[str, Any], name: str) -> int | None:
    value = section.get(name)
    if isinstance(value, int):
        return value
    text = value.strip() if isinstance(value, str) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None  # noqa: PLR2004

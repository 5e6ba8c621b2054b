"""What the job centre takes and answers, as it is documented."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model

from praca.jobs.fields import (
    CANDIDATE_BASIC,
    CANDIDATE_EDUCATION,
    CANDIDATE_PERSONAL,
    CANDIDATE_PROFESSIONAL,
    LONGEST_FIELD,
    LONGEST_STATUS,
    LONGEST_TITLE,
    VACANCY_BASIC,
    VACANCY_BENEFITS,
    VACANCY_PROFILE,
)
from praca.jobs.records import LARGEST_NEW_CODE

__all__ = [
    "CandidateCreated",
    "CandidateDetails",
    "CandidateList",
    "NewProspect",
    "ProspectAnswer",
    "ProspectChange",
    "ProspectGroup",
    "ProspectGroupList",
    "ProspectList",
    "ProspectSaved",
    "VacancyCreated",
    "VacancyDetails",
    "VacancyList",
    "record_body",
]

_LARGEST_BIGINT: Final = 2**63 - 1

# What a field may be sent as; all of it is stored as text.
_WRITTEN_OUT: Final = ("string", "number", "boolean")


def record_body(
    code: str,
    sections: Mapping[str, tuple[str, ...]],
    *,
    texts: tuple[str, ...] = (),
    required: tuple[str, ...] = (),
    example: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the OpenAPI addition that documents a record's request body."""
    properties: dict[str, Any] = {}
    for name, fields in sections.items():
        members: dict[str, Any] = {
            member: {"type": [*_WRITTEN_OUT, "null"], "maxLength": LONGEST_FIELD}
            for member in fields
        }
        properties[name] = {"type": ["object", "null"], "properties": members}
        if name == "infos_basicas":
            members[code] = {
                "type": ["integer", "string", "null"],
                "minimum": 1,
                "maximum": LARGEST_NEW_CODE,
                "pattern": r"^(\s*[0-9]{1,19}\s*)?$",
                "description": "Key; by default the next number after the highest.",
            }
            for member in required:
                members[member] = {
                    "type": list(_WRITTEN_OUT),
                    "pattern": r"\S",
                    "maxLength": LONGEST_FIELD,
                }
            properties[name]["type"] = "object"
            properties[name]["required"] = list(required)
    for name in texts:
        properties[name] = {"type": [*_WRITTEN_OUT, "null"], "maxLength": LONGEST_FIELD}
    schema = {"type": "object", "required": ["infos_basicas"], "properties": properties}
    content = {"application/json": {"schema": schema, "example": dict(example)}}
    return {"requestBody": {"content": content}}


def _shape(name: str, doc: str, codes: tuple[str, ...], fields: tuple[str, ...]) -> Any:
    members: dict[str, Any] = dict.fromkeys(codes, (int, ...))
    members |= dict.fromkeys(fields, (str, ""))
    return create_model(name, __doc__=doc, **members)


_CANDIDATE = "codigo_profissional"
_VACANCY = "codigo_vaga"
if TYPE_CHECKING:
    # The classes are made from the field lists, which a type checker cannot follow.
    CandidateBasic = Any
    CandidatePersonal = Any
    CandidateProfessional = Any
    CandidateEducation = Any
    CandidateResume = Any
    VacancyBasic = Any
    VacancyProfile = Any
    VacancyBenefits = Any
else:
    CandidateBasic = _shape("CandidateBasic", "Who it is.", (_CANDIDATE,), CANDIDATE_BASIC)
    CandidatePersonal = _shape(
        "CandidatePersonal", "Personal data.", ("id", _CANDIDATE), CANDIDATE_PERSONAL
    )
    CandidateProfessional = _shape(
        "CandidateProfessional", "Work.", ("id", _CANDIDATE), CANDIDATE_PROFESSIONAL
    )
    CandidateEducation = _shape(
        "CandidateEducation", "Education and languages.", ("id", _CANDIDATE), CANDIDATE_EDUCATION
    )
    CandidateResume = _shape(
        "CandidateResume", "CVs as text.", ("id", _CANDIDATE), ("cv_pt", "cv_en")
    )
    VacancyBasic = _shape("VacancyBasic", "What it is.", (_VACANCY,), VACANCY_BASIC)
    VacancyProfile = _shape("VacancyProfile", "Who is wanted.", ("id", _VACANCY), VACANCY_PROFILE)
    VacancyBenefits = _shape("VacancyBenefits", "Pay.", ("id", _VACANCY), VACANCY_BENEFITS)

_NEXT = "Cursor of the next page; null on the last."
_OFFSET = "Records left out before this page; 0 with a cursor."


class _List(BaseModel):
    total: int = Field(description="Records in the whole list, under the filters given.")
    offset: int = Field(description=_OFFSET)
    limit: int
    next_cursor: str | None = Field(description=_NEXT)


class CandidateList(_List):
    """A page of candidates."""

    data: list[CandidateBasic]


class VacancyList(_List):
    """A page of vacancies."""

    data: list[VacancyBasic]


class CandidateDetails(BaseModel):
    """A candidate; every section is an object with every known field."""

    infos_basicas: CandidateBasic
    informacoes_pessoais: CandidatePersonal
    informacoes_profissionais: CandidateProfessional
    formacao_e_idiomas: CandidateEducation
    curriculos: CandidateResume


class VacancySections(BaseModel):
    """A vacancy; the profile is there under both names it has had."""

    infos_basicas: VacancyBasic
    perfil_vaga: VacancyProfile
    perfil: VacancyProfile
    beneficios: VacancyBenefits


class VacancyDetails(BaseModel):
    """A vacancy, wrapped as the old system did."""

    data: VacancySections


class CandidateCreated(BaseModel):
    """The candidate is stored."""

    message: str = "Candidato inserido com sucesso!"
    codigo_candidato: int


class VacancyCreated(BaseModel):
    """The vacancy is stored."""

    message: str = "Vaga criada com sucesso!"
    codigo_vaga: int


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("caractere nulo não é permitido")
    return text


_Code = Annotated[int, Field(ge=1, le=_LARGEST_BIGINT)]
_Line = Annotated[str, Field(max_length=LONGEST_TITLE), AfterValidator(_storable)]
_Status = Annotated[str, Field(max_length=LONGEST_STATUS), AfterValidator(_storable)]
_Comment = Annotated[str, Field(max_length=LONGEST_FIELD), AfterValidator(_storable)]


class NewProspect(BaseModel):
    """An application: a candidate put on a vacancy's list."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "codigo_vaga": 4530,
                "titulo_vaga": "Analista de Dados",
                "nome": "Maria Souza",
                "codigo_candidato": 25632,
                "situacao_candidato": "Inscrito",
                "data_candidatura": "2026-11-22",
                "recrutador": "Ana Lima",
                "comentario": "Indicada por colega",
            }
        }
    )

    codigo_vaga: _Code
    titulo_vaga: _Line
    nome: _Line
    codigo_candidato: _Code
    situacao_candidato: _Status
    data_candidatura: _Line
    recrutador: _Line
    comentario: _Comment = ""


class ProspectChange(BaseModel):
    """A new state of an application."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "codigo_vaga": 4530,
                "codigo_candidato": 25632,
                "situacao_candidato": "Aprovado",
                "comentario": "Ótima conversa",
            }
        }
    )

    codigo_vaga: _Code
    codigo_candidato: _Code
    situacao_candidato: _Status = Field(description="An empty one keeps the state.")
    comentario: _Comment = Field(description="Replaces the comment.")


class ProspectAnswer(BaseModel):
    """An application."""

    id: int
    codigo_vaga: int
    titulo_vaga: str
    nome: str
    codigo_candidato: int
    situacao_candidato: str
    data_candidatura: str
    ultima_atualizacao: str
    comentario: str | None
    recrutador: str


class ProspectSaved(BaseModel):
    """The application as it now is."""

    message: str
    data: ProspectAnswer


class ProspectList(_List):
    """A page of applications."""

    data: list[ProspectAnswer]


class ProspectGroup(BaseModel):
    """A vacancy's applications."""

    codigo_vaga: int
    titulo_vaga: str
    modalidade: str
    prospects: list[ProspectAnswer]


class ProspectGroupList(BaseModel):
    """A page of vacancies with their applications."""

    total_grupos: int = Field(description="Groups in the whole list, under the filters given.")
    offset: int = Field(description=_OFFSET)
    limit: int
    next_cursor: str | None = Field(description=_NEXT)
    data: list[ProspectGroup]

"""What the job centre takes and answers: reading of records sent in, and the documented shapes."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model

from praca.jobs.errors import InvalidRecordError
from praca.jobs.fields import (
    CANDIDATE_ALIASES,
    CANDIDATE_BASIC,
    CANDIDATE_EDUCATION,
    CANDIDATE_PERSONAL,
    CANDIDATE_PROFESSIONAL,
    CANDIDATE_SECTIONS,
    LONGEST_FIELD,
    LONGEST_STATUS,
    LONGEST_TITLE,
    VACANCY_ALIASES,
    VACANCY_BASIC,
    VACANCY_BENEFITS,
    VACANCY_PROFILE,
    VACANCY_SECTIONS,
    api_spelling,
)
from praca.kit.errors import FieldError

__all__ = [
    "LARGEST_NEW_CODE",
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
    "Record",
    "VacancyCreated",
    "VacancyDetails",
    "VacancyList",
    "read_candidate",
    "read_code",
    "read_vacancy",
    "record_body",
]

_LARGEST_BIGINT: Final = 2**63 - 1
LARGEST_NEW_CODE: Final = 2**53 - 1
"""Largest code a create may choose: what every JSON client reads exactly."""

_DEEPEST: Final = 20
_LONGEST_CODE: Final = 19


# --- Records sent in -----------------------------------------------------------------------------


@dataclass(slots=True)
class Record:
    """A candidate or vacancy that passed; what did not come is absent from ``sections``."""

    code: int | None
    sections: dict[str, dict[str, Any]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    extras: dict[str, Any] = field(default_factory=dict)


def read_code(text: str) -> int | None:
    """Return the code in a path, or none if no row can have it."""
    if not (text.isascii() and text.isdigit()) or len(text) > _LONGEST_CODE:
        return None
    code = int(text)
    return code if code <= _LARGEST_BIGINT else None


class _Reader:
    """Collects what is wrong while a record is read, so that all of it is told at once."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []

    def refuse(self, loc: tuple[str | int, ...], msg: str, kind: str = "value_error") -> None:
        self.errors.append(FieldError(("body", *loc), msg, kind))

    def code(self, value: object, loc: tuple[str, ...]) -> int | None:
        """Return the code as a number; none if it is to be chosen for the caller."""
        if value is None or value == "":
            return None
        code: int | None = None
        if isinstance(value, str):
            digits = value.strip()
            if digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_CODE:
                code = int(digits)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            code = int(value) if math.isfinite(value) and value == int(value) else None
        if code is None or not 1 <= code <= LARGEST_NEW_CODE:
            self.refuse(loc, f"O campo '{loc[-1]}' deve ser um número inteiro positivo.", "int")
            return None
        return code

    def text(self, value: object, loc: tuple[str, ...]) -> str:
        """Return ``value`` as text: numbers are written out, null is empty."""
        match value:
            case None:
                text = ""
            case str():
                text = value
            case bool():
                text = "true" if value else "false"
            case int() | float() if math.isfinite(value):
                text = str(value)
            case _:
                self.refuse(loc, f"O campo '{_short(loc[-1])}' deve ser um texto.", "string_type")
                return ""
        self._check_text(text, loc)
        return text

    def free(self, value: Any, loc: tuple[str, ...]) -> Any:
        """Return a value of a field we do not know, as it came, if it can be stored at all."""
        if isinstance(value, (list, dict)):
            if not self._storable(value, loc, 0):
                return None
            try:
                if len(json.dumps(value, allow_nan=False)) > LONGEST_FIELD:
                    self._too_long(loc)
            except (ValueError, RecursionError):
                self.refuse(loc, f"O campo '{_short(loc[-1])}' não é JSON válido.")
            return value
        return self.text(value, loc)

    def section(
        self, value: object, name: str, known: tuple[str, ...], aliases: Mapping[str, str]
    ) -> dict[str, Any] | None:
        """Return a section with its values as text; none if it did not come."""
        if value is None:
            return None
        if not isinstance(value, dict):
            self.refuse((name,), f"A seção '{name}' deve ser um objeto.", "dict_type")
            return None
        members = {}
        for key, member in api_spelling(value, aliases).items():
            loc = (name, key)
            self._check_text(key, loc)
            members[key] = self.text(member, loc) if key in known else self.free(member, loc)
        return members

    def finish(self) -> None:
        if self.errors:
            raise InvalidRecordError(
                [
                    FieldError(tuple(map(_printable, error.loc)), error.msg, error.type)
                    for error in self.errors[:100]
                ]
            )

    def _check_text(self, text: str, loc: tuple[str, ...]) -> bool:
        if len(text) > LONGEST_FIELD:
            self._too_long(loc)
            return False
        if "\0" in text or _printable(text) != text:
            self.refuse(loc, f"O campo '{_short(loc[-1])}' tem caracteres que não são permitidos.")
            return False
        return True

    def _too_long(self, loc: tuple[str, ...]) -> None:
        name = _short(loc[-1])
        self.refuse(
            loc, f"O campo '{name}' passa de {LONGEST_FIELD} caracteres.", "string_too_long"
        )

    def _storable(self, value: Any, loc: tuple[str, ...], depth: int) -> bool:
        if depth > _DEEPEST:
            self.refuse(loc, f"O campo '{_short(loc[-1])}' tem níveis demais.")
            return False
        match value:
            case str():
                return self._check_text(value, loc)
            case dict():
                return all(
                    self._check_text(key, loc) and self._storable(member, loc, depth + 1)
                    for key, member in value.items()
                )
            case list():
                return all(self._storable(member, loc, depth + 1) for member in value)
        return True


def _printable(part: str | int) -> str | int:
    return part if isinstance(part, int) else part.encode("utf-8", "replace").decode()


def _short(name: str) -> str:
    return str(_printable(name))[:60].replace("\0", "")


def read_candidate(body: Mapping[str, Any]) -> Record:
    """Return the candidate in ``body``.

    Raises:
        InvalidRecordError: with every field that is wrong.
    """
    reader = _Reader()
    record = _read(reader, body, "codigo_profissional", CANDIDATE_SECTIONS, CANDIDATE_ALIASES)
    basic = record.sections.get("infos_basicas")
    if basic is not None and not str(basic.get("nome", "")).strip():
        reader.refuse(("infos_basicas", "nome"), "O campo 'nome' é obrigatório.", "missing")
    current = reader.section(body.get("cargo_atual"), "cargo_atual", (), {})
    if current is not None:
        record.sections["cargo_atual"] = current
    for name in ("cv_pt", "cv_en"):
        if body.get(name) is not None:
            record.texts[name] = reader.text(body[name], (name,))
    known = {*CANDIDATE_SECTIONS, "cargo_atual", "cv_pt", "cv_en"}
    _keep_extras(reader, body, known, record)
    reader.finish()
    return record


def read_vacancy(body: Mapping[str, Any]) -> Record:
    """Return the vacancy in ``body``.

    Raises:
        InvalidRecordError: with every field that is wrong.
    """
    reader = _Reader()
    body = api_spelling(body, {"informacoes_basicas": "infos_basicas", "perfil": "perfil_vaga"})
    record = _read(reader, body, "codigo_vaga", VACANCY_SECTIONS, VACANCY_ALIASES)
    _keep_extras(reader, body, set(VACANCY_SECTIONS), record)
    reader.finish()
    return record


def _read(
    reader: _Reader,
    body: Mapping[str, Any],
    code_name: str,
    sections: Mapping[str, tuple[str, ...]],
    aliases: Mapping[str, str],
) -> Record:
    record = Record(None)
    if body.get("infos_basicas") is None:
        reader.refuse(("infos_basicas",), "A seção 'infos_basicas' é obrigatória.", "missing")
    for name, known in sections.items():
        section = body.get(name)
        if isinstance(section, dict):
            # The code is the row's key, and `id` is our own answer sent back.
            section = dict(section)
            sent = section.pop(code_name, None)
            if name == "infos_basicas":
                record.code = reader.code(sent, (name, code_name))
            else:
                section.pop("id", None)
        members = reader.section(section, name, known, aliases)
        if members is not None:
            record.sections[name] = members
    return record


def _keep_extras(reader: _Reader, body: Mapping[str, Any], known: set[str], record: Record) -> None:
    for key, value in body.items():
        if key not in known:
            reader._check_text(key, (key,))  # noqa: SLF001 - the reader is of this module
            record.extras[key] = reader.free(value, (key,))


# --- Documented shapes ---------------------------------------------------------------------------


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

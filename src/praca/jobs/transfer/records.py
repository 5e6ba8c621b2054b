"""One record of a file, checked and turned into what the tables hold.

Members of a section become text (``null`` is the empty one) under the API's names; what is not
known and is a list or an object stays as it came. Codes are columns and leave the sections.
"""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import orjson

from praca.jobs.fields import (
    CANDIDATE_ALIASES,
    CANDIDATE_SECTIONS,
    LONGEST_FIELD,
    LONGEST_STATUS,
    LONGEST_TITLE,
    PROSPECT_ALIASES,
    VACANCY_ALIASES,
    VACANCY_SECTIONS,
    api_spelling,
)
from praca.jobs.transfer.errors import BrokenFileError, RejectedRecordError
from praca.jobs.transfer.stream import Member, Unreadable

__all__ = [
    "BadProspect",
    "ProspectRow",
    "Row",
    "candidate_row",
    "count_applications",
    "prospect_rows",
    "record_code",
    "vacancy_row",
]

_LARGEST_CODE: Final = 2**63 - 1
_DIGITS_OF_A_CODE: Final = 19
_DEEPEST: Final = 100
_LONGEST_NUMBER: Final = 400

_NOT_AN_OBJECT: Final = "deve ser um objeto"
_NOT_TEXT: Final = "deve ser um texto"
_NUL: Final = "contém o caractere NUL, que não pode ser guardado"
_SURROGATE: Final = "contém metade de um par substituto (Unicode inválido)"
_TOO_LARGE: Final = "número grande demais"
_BAD_CODE: Final = "o código deve ser um número inteiro positivo"
_OF_ANOTHER_KIND: Final = "pertence a outro tipo de arquivo"


class _Number(str):
    """A number with a fraction or an exponent, as it was written."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class _Layout:
    """How the records of one kind look in a file and in the table."""

    code: str
    sections: Mapping[str, frozenset[str] | None]
    texts: tuple[str, ...]
    aliases: Mapping[str, str]
    section_aliases: Mapping[str, str]
    required: tuple[str, ...]
    own: frozenset[str]
    foreign: frozenset[str]


# Unknown members are kept, so a file given for one of another kind would otherwise be taken in.
_CANDIDATES_ONLY: Final = frozenset(
    {"informacoes_pessoais", "informacoes_profissionais", "formacao_e_idiomas"}
)
_VACANCIES_ONLY: Final = frozenset({"perfil_vaga", "perfil", "beneficios"})


def _layout_of(*, candidates: bool) -> _Layout:
    """Return the layout of candidates or of vacancies."""
    if candidates:
        return _Layout(
            "codigo_profissional",
            {**{name: frozenset(known) for name, known in CANDIDATE_SECTIONS.items()},
             "cargo_atual": None},
            ("cv_pt", "cv_en"),
            CANDIDATE_ALIASES,
            {"informacoes_basicas": "infos_basicas"},
            ("nome",),
            _CANDIDATES_ONLY,
            _VACANCIES_ONLY | {"prospects"},
        )  # fmt: skip
    return _Layout(
        "codigo_vaga",
        {name: frozenset(known) for name, known in VACANCY_SECTIONS.items()},
        (),
        VACANCY_ALIASES,
        {"informacoes_basicas": "infos_basicas", "perfil": "perfil_vaga"},
        (),
        _VACANCIES_ONLY,
        _CANDIDATES_ONLY | {"prospects"},
    )


_CANDIDATES: Final = _layout_of(candidates=True)
_VACANCIES: Final = _layout_of(candidates=False)


def record_code(value: Any, field: str, *, least: int = 1) -> int:
    """Return a code written as a number or as digits."""
    if isinstance(value, int) and not isinstance(value, bool):
        code = value
    elif isinstance(value, str) and not isinstance(value, _Number):
        text = value.strip()
        digits = text.lstrip("0") or text[-1:]
        if not (digits.isascii() and digits.isdigit() and len(digits) <= _DIGITS_OF_A_CODE):
            raise RejectedRecordError(field, _BAD_CODE)
        code = int(digits)
    else:
        raise RejectedRecordError(field, _BAD_CODE)
    if not least <= code <= _LARGEST_CODE:
        raise RejectedRecordError(field, _BAD_CODE)
    return code


class _FoundError(Exception):
    """A number that must be read again, exactly as it was written."""


def _text(value: Any, field: str, longest: int = LONGEST_FIELD) -> str:
    """Return a plain value as text."""
    if type(value) is str:
        text = value
    elif value is None:
        return ""
    elif isinstance(value, bool):
        return "true" if value else "false"
    elif isinstance(value, float):
        raise _FoundError
    elif isinstance(value, int | str):
        text = str(value)
        if len(text) > _LONGEST_NUMBER:
            raise RejectedRecordError(field, _TOO_LARGE)
    else:
        raise RejectedRecordError(field, _NOT_TEXT)
    if len(text) > longest:
        raise RejectedRecordError(field, f"tem mais de {longest} caracteres")
    return text


def _nested(value: Any, field: str, depth: int = 0) -> Any:
    """Return a value of an unknown field, checked to be one that a jsonb column gives back."""
    if depth > _DEEPEST:
        raise RejectedRecordError(field, "está aninhado demais")
    if isinstance(value, _Number):
        value = float(value)
        if not math.isfinite(value):
            raise RejectedRecordError(field, _TOO_LARGE)
        return value
    if isinstance(value, float):
        raise _FoundError
    if isinstance(value, int) and not isinstance(value, bool):
        if not -(2**63) <= value < 2**63:
            raise RejectedRecordError(field, _TOO_LARGE)
        return value
    if isinstance(value, dict):
        return {name: _nested(inner, field, depth + 1) for name, inner in value.items()}
    if isinstance(value, list):
        return [_nested(inner, field, depth + 1) for inner in value]
    if value is None or isinstance(value, str | bool):
        return value
    raise RejectedRecordError(field, "não pode ser representado")


def _section(name: str, value: Any, known: frozenset[str] | None) -> dict[str, Any]:
    """Return a section with its plain members as text."""
    for inner in value.values():
        if type(inner) is not str or len(inner) > LONGEST_FIELD:
            break
    else:
        return value  # type: ignore[no-any-return]
    answer = {}
    for field, inner in value.items():
        where = f"{name}.{field}"
        if isinstance(inner, dict | list) and (known is None or field not in known):
            answer[field] = _nested(inner, where)
        else:
            answer[field] = _text(inner, where)
    return answer


def _flaw(value: Any, path: str) -> tuple[str, str] | None:
    """Return where and why a value holds text that a column cannot."""
    if isinstance(value, str):
        if "\0" in value:
            return path, _NUL
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            return path, _SURROGATE
        return None
    if isinstance(value, dict):
        for name, inner in value.items():
            shown = name.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")
            where = f"{path}.{shown}" if path else shown
            found = _flaw(name, where) or _flaw(inner, where)
            if found:
                return found
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            found = _flaw(inner, f"{path}[{place}]")
            if found:
                return found
    return None


def _parsed(member: Member) -> Any:
    """Parse, quickly where nothing is odd; NUL and halves of pairs are left for the caller."""
    value = member.parse()
    if isinstance(value, Unreadable):
        raise RejectedRecordError("", value.reason)
    if not isinstance(value, dict):
        raise RejectedRecordError("", _NOT_AN_OBJECT)
    return value


def _exactly(member: Member) -> Any:
    """Parse once more, with every fraction as it was written."""
    return json.loads(member.value, parse_float=_Number)


def _suspicious(raw: bytes) -> bool:
    """Whether a value may hold NUL or half a surrogate pair (only escapes can)."""
    return b"\\u0000" in raw or b"\\ud" in raw or b"\\uD" in raw


Row: TypeAlias = tuple[int, list[bytes]]


def _checked_section(
    layout: _Layout, code: int, name: str, known: frozenset[str] | None, value: Any
) -> dict[str, Any]:
    if value is None:
        value = {}
    elif not isinstance(value, dict):
        raise RejectedRecordError(name, _NOT_AN_OBJECT)
    basic = name == "infos_basicas"
    if basic:
        value = dict(value)
        inside = value.pop(layout.code, None)
        where = f"{name}.{layout.code}"
        if inside not in (None, "") and record_code(inside, where) != code:
            raise RejectedRecordError(where, "difere da chave do registro")
    if any(theirs in value for theirs in layout.aliases):
        value = api_spelling(value, layout.aliases)
    section = _section(name, value, known)
    if basic:
        for field in layout.required:
            if not section.get(field, "").strip():
                raise RejectedRecordError(f"{name}.{field}", "é obrigatório")
    return section


def _sections_row(layout: _Layout, code: int, record: Any) -> Row:
    taken = dict(record)
    if (foreign := layout.foreign & taken.keys()) and not layout.own & taken.keys():
        raise RejectedRecordError(min(foreign), _OF_ANOTHER_KIND)
    for theirs, ours in layout.section_aliases.items():
        if theirs in taken:
            value = taken.pop(theirs)
            if ours in taken and taken[ours] != value:
                raise RejectedRecordError(theirs, f"veio também como {ours}, com outro conteúdo")
            taken[ours] = value
    columns = [
        orjson.dumps(_checked_section(layout, code, name, known, taken.pop(name, None)))
        for name, known in layout.sections.items()
    ]
    columns.extend(_text(taken.pop(name, None), name).encode() for name in layout.texts)
    columns.append(orjson.dumps(_nested(taken, "extras")) if taken else b"{}")
    return code, columns


def _row(layout: _Layout, member: Member, code: int) -> Row:
    record = _parsed(member)
    if _suspicious(member.value) and (flaw := _flaw(record, "")):
        raise RejectedRecordError(*flaw)
    try:
        return _sections_row(layout, code, record)
    except _FoundError:
        return _sections_row(layout, code, _exactly(member))


def candidate_row(member: Member, code: int) -> Row:
    """Return the code and the columns of a candidate: five sections, two CVs, the rest."""
    return _row(_CANDIDATES, member, code)


def vacancy_row(member: Member, code: int) -> Row:
    """Return the code and the columns of a vacancy: three sections and the rest."""
    return _row(_VACANCIES, member, code)


@dataclass(slots=True)
class ProspectRow:
    """One application, or (without a candidate) one group of them."""

    codigo_vaga: int
    titulo_vaga: str
    modalidade: str = ""
    implied: bool = False
    codigo_candidato: int | None = None
    fields: tuple[str | None, ...] = (None,) * 6
    extras: bytes = b"{}"


@dataclass(slots=True)
class BadProspect:
    """One application that is left out, with the codes known of it."""

    codigo_vaga: int
    codigo_candidato: int | None
    field: str
    reason: str


_PROSPECT_TEXTS: Final = (
    "nome",
    "situacao_candidato",
    "data_candidatura",
    "ultima_atualizacao",
    "comentario",
    "recrutador",
)
_PROSPECT_FILE_NAMES: Final = {ours: theirs for theirs, ours in PROSPECT_ALIASES.items()}


def _title(value: Any, field: str) -> str:
    return _text(value, field, LONGEST_TITLE)


def _group(code: int, record: dict[str, Any], path: str) -> ProspectRow:
    titles = [record.pop(name) for name in ("titulo", "titulo_vaga") if name in record]
    if not titles:
        raise RejectedRecordError(f"{path}titulo", "é obrigatório")
    title = _title(titles[0], f"{path}titulo")
    mode = _text(record.pop("modalidade", None), f"{path}modalidade")
    extras = orjson.dumps(_nested(record, f"{path}extras")) if record else b"{}"
    return ProspectRow(code, title, mode, extras=extras)


def _application(code: int, title: str, value: Any, path: str) -> ProspectRow | BadProspect:
    candidate: int | None = None
    try:
        candidate, given = _applicant(value, path)
        return _application_row(code, candidate, title, given, path)
    except RejectedRecordError as error:
        return BadProspect(code, candidate, error.field, error.reason)


def _applicant(value: Any, path: str) -> tuple[int, dict[str, Any]]:
    """Return who applied, and the other members under the API's names."""
    if not isinstance(value, dict):
        raise RejectedRecordError(path, _NOT_AN_OBJECT)
    given = api_spelling(value, PROSPECT_ALIASES)
    named = "codigo" if "codigo" in given else "codigo_candidato"
    if named not in given:
        raise RejectedRecordError(f"{path}.codigo", "é obrigatório")
    return record_code(given.pop(named), f"{path}.{named}"), given


def _application_row(
    code: int, candidate: int, title: str, given: dict[str, Any], path: str
) -> ProspectRow:
    if flaw := _flaw(given, path):
        raise RejectedRecordError(*flaw)
    own_title = given.pop("titulo_vaga", None)
    if own_title is not None:
        title = _title(own_title, f"{path}.titulo_vaga")
    fields: list[str | None] = []
    for name in _PROSPECT_TEXTS:
        where = f"{path}.{_PROSPECT_FILE_NAMES.get(name, name)}"
        if name == "comentario":
            comment = given.pop(name, None)
            fields.append(None if comment is None else _text(comment, where))
            continue
        if name not in given:
            raise RejectedRecordError(where, "é obrigatório")
        longest = LONGEST_STATUS if name == "situacao_candidato" else LONGEST_FIELD
        fields.append(_text(given.pop(name), where, longest))
    extras = orjson.dumps(_nested(given, path)) if given else b"{}"
    return ProspectRow(code, title, codigo_candidato=candidate, fields=tuple(fields), extras=extras)


def _prospects(code: int, record: Any) -> Iterator[ProspectRow | BadProspect]:
    record = dict(record)
    given = record.pop("prospects", None)
    others = record.pop("outros_titulos", None) or []
    if given is not None and not isinstance(given, list):
        raise RejectedRecordError("prospects", "deve ser uma lista")
    if not isinstance(others, list) or not all(isinstance(other, dict) for other in others):
        raise RejectedRecordError("outros_titulos", "deve ser uma lista de objetos")
    if flaw := _flaw(record, "") or _flaw(others, "outros_titulos"):
        raise RejectedRecordError(*flaw)
    groups = [_group(code, record, "")]
    groups += [
        _group(code, dict(other), f"outros_titulos[{place}].") for place, other in enumerate(others)
    ]
    yield from groups
    seen = {group.titulo_vaga for group in groups}
    for place, value in enumerate(given or []):
        row = _application(code, groups[0].titulo_vaga, value, f"prospects[{place}]")
        if isinstance(row, ProspectRow) and row.titulo_vaga not in seen:
            seen.add(row.titulo_vaga)
            yield ProspectRow(code, row.titulo_vaga, implied=True)
        yield row


def prospect_rows(member: Member, code: int) -> list[ProspectRow | BadProspect]:
    """Return the group, its applications in order, and the applications that are left out."""
    record = _parsed(member)
    try:
        return list(_prospects(code, record))
    except _FoundError:
        return list(_prospects(code, _exactly(member)))


def count_applications(member: Member) -> int:
    """Return how many applications a refused record would have had."""
    try:
        return max(1, len(member.parse()["prospects"]))
    except (BrokenFileError, LookupError, TypeError):
        return 1

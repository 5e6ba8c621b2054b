"""Reading of the candidates and vacancies that are sent in: what is stored of them, and why not."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from praca.jobs.errors import InvalidRecordError
from praca.jobs.fields import (
    CANDIDATE_ALIASES,
    CANDIDATE_SECTIONS,
    LONGEST_FIELD,
    VACANCY_ALIASES,
    VACANCY_SECTIONS,
    api_spelling,
)
from praca.kit.errors import FieldError

__all__ = ["LARGEST_NEW_CODE", "Record", "read_candidate", "read_code", "read_vacancy"]

_LARGEST_BIGINT: Final = 2**63 - 1
LARGEST_NEW_CODE: Final = 2**53 - 1
"""Largest code a create may choose: what every JSON client reads exactly."""

_DEEPEST: Final = 20
_LONGEST_CODE: Final = 19


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

"""Rows of candidates, vacancies and prospects: written in SQL, read as JSON text.

Fields are constants from :mod:`praca.jobs.fields`; every value is bound.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, cast

import psycopg

from praca.jobs.errors import (
    CandidateErasedError,
    DuplicateProspectError,
    ProspectNotFoundError,
)
from praca.jobs.fields import CANDIDATE_SECTIONS, PROSPECT_FIELDS, VACANCY_SECTIONS
from praca.jobs.records import LARGEST_NEW_CODE, Record
from praca.jobs.schemas import NewProspect, ProspectChange
from praca.kit.clock import today_in_brasilia
from praca.kit.errors import DomainError
from praca.platform.audit import AuditEntry, noting
from praca.platform.database.engine import Database, ReadSession, WriteSession, driver_connection

__all__ = [
    "PROSPECT_LINE",
    "Saved",
    "add_prospect",
    "candidate_details",
    "save_candidate",
    "save_vacancy",
    "update_prospect",
    "vacancy_details",
    "vacancy_prospects",
]


@dataclass(frozen=True, slots=True)
class Saved:
    """Which row was written, and whether it is new."""

    code: int
    created: bool


@dataclass(frozen=True, slots=True)
class _Kind:
    table: str
    code: str
    sections: tuple[str, ...]
    texts: tuple[str, ...]
    erased: str = ""  # table of the codes that nobody has again


_CANDIDATE: Final = _Kind(
    "jobs.candidates",
    "codigo_profissional",
    (*CANDIDATE_SECTIONS, "cargo_atual"),
    ("cv_pt", "cv_en"),
    erased="jobs.erased_candidates",
)
_VACANCY: Final = _Kind("jobs.vacancies", "codigo_vaga", tuple(VACANCY_SECTIONS), ())


# --- Candidates and vacancies --------------------------------------------------------------------


async def has_records(session: ReadSession) -> bool:
    """Tell whether any candidate, vacancy or application is stored."""
    query = "SELECT " + " OR ".join(
        f"EXISTS (SELECT FROM jobs.{table})" for table in ("candidates", "vacancies", "prospects")
    )
    cursor = await (await driver_connection(session)).execute(query.encode())
    row = await cursor.fetchone()
    return row is not None and bool(row[0])


async def save_candidate(session: WriteSession, record: Record) -> Saved:
    """Insert the candidate, or replace what came of the one that has its code.

    Raises:
        CandidateErasedError: the code was that of somebody who was erased.
    """
    return await _save(session, _CANDIDATE, record)


async def save_vacancy(session: WriteSession, record: Record) -> Saved:
    """Insert the vacancy, or replace what came of the one that has its code."""
    return await _save(session, _VACANCY, record)


def _next_code(kind: _Kind) -> str:
    # After the highest; where that is out of numbers, the lowest gap. Codes of people who were
    # erased stay taken: the audit, and old files, go on naming them.
    tables = [kind.table, kind.erased] if kind.erased else [kind.table]
    highest = ", ".join(f"(SELECT max({kind.code}) FROM {table})" for table in tables)
    taken = " UNION ALL ".join(f"SELECT {kind.code} FROM {table}" for table in tables)
    return (
        f"SELECT CASE WHEN highest < {LARGEST_NEW_CODE} THEN highest + 1 ELSE ("
        f"SELECT min(a.{kind.code}) + 1 FROM ({taken} UNION ALL SELECT 0) a"
        f" WHERE a.{kind.code} < {LARGEST_NEW_CODE} AND NOT EXISTS ("
        f"SELECT FROM ({taken}) b WHERE b.{kind.code} = a.{kind.code} + 1)) END"
        f" FROM (SELECT coalesce(greatest({highest}), 0) AS highest) AS top"
    )


@cache
def _upsert(kind: _Kind, *, chosen: bool) -> str:
    columns = [*kind.sections, *kind.texts]
    values = [f"coalesce(%({name})s::jsonb, '{{}}')" for name in kind.sections]
    values += [f"coalesce(%({name})s::text, '')" for name in kind.texts]
    changes = [f"{name} = coalesce(%({name})s::jsonb, stored.{name})" for name in kind.sections]
    changes += [f"{name} = coalesce(%({name})s::text, stored.{name})" for name in kind.texts]
    code = f"({_next_code(kind)})" if chosen else "%(code)s::bigint"
    conflict = (
        "NOTHING"
        if chosen
        else f"UPDATE SET {', '.join(changes)}, extras = stored.extras || excluded.extras,"
        " changed_in = pg_current_xact_id(), updated_at = now()"
    )
    unless = (
        f" WHERE NOT EXISTS (SELECT FROM {kind.erased} WHERE {kind.code} = %(code)s::bigint)"
        if kind.erased and not chosen
        else ""
    )
    return (
        f"INSERT INTO {kind.table} AS stored ({kind.code}, {', '.join(columns)}, extras)"
        f" SELECT {code}, {', '.join(values)}, %(extras)s::jsonb{unless}"
        f" ON CONFLICT ({kind.code}) DO {conflict} RETURNING {kind.code}, xmax = 0"
    )


async def _save(session: WriteSession, kind: _Kind, record: Record) -> Saved:
    connection = await driver_connection(session)
    params: dict[str, Any] = {
        name: None if name not in record.sections else _dumps(record.sections[name])
        for name in kind.sections
    }
    params |= {name: record.texts.get(name) for name in kind.texts}
    params["extras"] = _dumps(record.extras)
    if record.code is not None:
        params["code"] = record.code
        row = await _one(connection, _upsert(kind, chosen=False), params)
        if row is None:  # an upsert always returns its row
            raise CandidateErasedError
        return Saved(row[0], row[1])
    # Two that choose a number at the same time would choose the same one.
    await connection.execute(
        cast("Any", f"SELECT pg_advisory_xact_lock('{kind.table}'::regclass::oid::bigint)")
    )
    while True:
        row = await _one(connection, _upsert(kind, chosen=True), params)
        if row is not None:
            return Saved(row[0], created=True)
        # Somebody who brought a code of their own has just taken this number: choose again.


def _dumps(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


async def _one(
    connection: "psycopg.AsyncConnection[Any]", query: str, params: Mapping[str, Any]
) -> Any:
    cursor = await connection.execute(cast("Any", query), params)
    return await cursor.fetchone()


def _object(codes: Mapping[str, str], column: str, fields: tuple[str, ...]) -> str:
    members = [f"""'"{name}":' || {code}::text""" for name, code in codes.items()]
    members += [
        f"""'"{name}":' || coalesce(nullif({column} -> '{name}', 'null')::text, '""')"""
        for name in fields
    ]
    return "'{' || " + " || ',' || ".join(members) + " || '}'"


def _sections(kind: _Kind, sections: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    codes = {kind.code: kind.code}
    return {
        name: _object(codes if name == "infos_basicas" else {"id": kind.code} | codes, name, fields)
        for name, fields in sections.items()
    }


def _members(sections: Mapping[str, str]) -> str:
    return (
        "'{' || "
        + " || ',' || ".join(f"""'"{name}":' || {sql}""" for name, sql in sections.items())
        + " || '}'"
    )


@cache
def _candidate_details() -> str:
    sections = _sections(_CANDIDATE, CANDIDATE_SECTIONS)
    code = _CANDIDATE.code
    sections["curriculos"] = (
        f"""'{{"id":' || {code}::text || ',"{code}":' || {code}::text"""
        """ || ',"cv_pt":' || to_json(cv_pt)::text || ',"cv_en":' || to_json(cv_en)::text || '}'"""
    )
    return f"SELECT {_members(sections)} FROM {_CANDIDATE.table} WHERE {code} = %(code)s::bigint"


@cache
def _vacancy_details() -> str:
    sections = _sections(_VACANCY, VACANCY_SECTIONS)
    shown = {
        "infos_basicas": sections["infos_basicas"],
        "perfil_vaga": "profile.rendered",
        "perfil": "profile.rendered",
        "beneficios": sections["beneficios"],
    }
    return (
        f"""SELECT '{{"data":' || {_members(shown)} || '}}' FROM {_VACANCY.table},"""
        f" LATERAL (SELECT {sections['perfil_vaga']} AS rendered) AS profile"
        f" WHERE {_VACANCY.code} = %(code)s::bigint"
    )


async def candidate_details(city: Database, code: int, *, actor_id: int | None) -> bytes | None:
    """Return a candidate as JSON and note the reading; none if there is no such code."""
    entry = AuditEntry("jobs.candidate_read", "candidate", str(code), actor_id)
    query, params = noting(_candidate_details(), entry)
    return await city.fetch_json(query, params | {"code": code})


async def vacancy_details(city: Database, code: int) -> bytes | None:
    """Return a vacancy as JSON; none if there is no such code."""
    return await city.fetch_json(_vacancy_details(), {"code": code})


# --- Prospects -----------------------------------------------------------------------------------

_NUMBERS: Final = frozenset({"id", "codigo_vaga", "codigo_candidato"})


def _prospect_line() -> str:
    members = [
        f"""'"{name}":' || """
        + (f"{name}::text" if name in _NUMBERS else f"coalesce(to_json({name})::text, 'null')")
        for name in PROSPECT_FIELDS
    ]
    return "'{' || " + " || ',' || ".join(members) + " || '}'"


PROSPECT_LINE: Final = _prospect_line()
"""Expression for one application as JSON text."""


def _today() -> str:
    return today_in_brasilia().strftime("%d-%m-%Y")


async def add_prospect(city: Database, prospect: NewProspect, *, actor_id: int | None) -> bytes:
    """Put a candidate on a vacancy's list, note it, and return the application as JSON.

    Raises:
        CandidateErasedError: the code was that of somebody who was erased.
        DuplicateProspectError: the candidate is on it.
    """
    query, noted = noting(
        "INSERT INTO jobs.prospects (codigo_vaga, titulo_vaga, nome, codigo_candidato,"
        " situacao_candidato, data_candidatura, ultima_atualizacao, comentario, recrutador)"
        " SELECT codigo_vaga, titulo_vaga, %(nome)s::text, %(codigo_candidato)s::bigint,"
        " %(situacao_candidato)s::text, %(data_candidatura)s::text,"
        " %(ultima_atualizacao)s::text, %(comentario)s::text, %(recrutador)s::text FROM held"
        " ON CONFLICT (codigo_vaga, codigo_candidato) DO NOTHING"
        f" RETURNING {PROSPECT_LINE}, id",
        AuditEntry("jobs.prospect_added", "prospect", actor_id=actor_id),
        key="id",
        # The group first, as imports do: in the other order the two could wait for each other.
        # The update that changes nothing holds it, for an import removes those that look empty.
        first="INSERT INTO jobs.prospect_groups AS listed (codigo_vaga, titulo_vaga)"
        " SELECT %(codigo_vaga)s::bigint, %(titulo_vaga)s::text WHERE NOT EXISTS ("
        " SELECT FROM jobs.prospects WHERE codigo_vaga = %(codigo_vaga)s::bigint"
        " AND codigo_candidato = %(codigo_candidato)s::bigint) AND NOT EXISTS ("
        " SELECT FROM jobs.erased_candidates"
        " WHERE codigo_profissional = %(codigo_candidato)s::bigint)"
        " ON CONFLICT (codigo_vaga, titulo_vaga) DO UPDATE SET modalidade = listed.modalidade"
        " RETURNING codigo_vaga, titulo_vaga",
    )
    params = prospect.model_dump() | {"ultima_atualizacao": _today()} | noted
    rendered = await city.fetch_json(query, params)
    if rendered is None:
        raise await _why_not_added(city, prospect.codigo_candidato)
    return rendered


async def _why_not_added(city: Database, codigo: int) -> DomainError:
    erased = await city.fetch_one(
        "SELECT FROM jobs.erased_candidates WHERE codigo_profissional = %(code)s::bigint",
        {"code": codigo},
    )
    return DuplicateProspectError() if erased is None else CandidateErasedError()


async def update_prospect(city: Database, change: ProspectChange, *, actor_id: int | None) -> bytes:
    """Set state and comment of an application, note it, and return it as JSON.

    An empty state keeps the one there is.

    Raises:
        ProspectNotFoundError: the candidate is not on the vacancy's list.
    """
    query, noted = noting(
        "UPDATE jobs.prospects SET"
        " situacao_candidato = coalesce(nullif(%(situacao_candidato)s::text, ''),"
        " situacao_candidato), comentario = %(comentario)s::text,"
        " ultima_atualizacao = %(ultima_atualizacao)s::text, updated_at = now()"
        " WHERE codigo_vaga = %(codigo_vaga)s::bigint"
        f" AND codigo_candidato = %(codigo_candidato)s::bigint RETURNING {PROSPECT_LINE}, id",
        AuditEntry("jobs.prospect_updated", "prospect", actor_id=actor_id),
        key="id",
    )
    params = change.model_dump() | {"ultima_atualizacao": _today()} | noted
    rendered = await city.fetch_json(query, params)
    if rendered is None:
        raise ProspectNotFoundError("Prospect não encontrado para os códigos informados.")
    return rendered


async def vacancy_prospects(city: Database, code: int) -> bytes:
    """Return a vacancy's applications as JSON.

    Raises:
        ProspectNotFoundError: there are none.
    """
    rendered = await city.fetch_json(
        """
            SELECT '{"codigo_vaga":' || %(code)s::bigint::text
                || ',"titulo_vaga":' || to_json((array_agg(titulo_vaga ORDER BY id))[1])::text
                || ',"modalidade":' || to_json((array_agg(modalidade ORDER BY id))[1])::text
                || ',"prospects":[' || string_agg(line, ',' ORDER BY id) || ']}'
            FROM (SELECT id, titulo_vaga, modalidade, """
        + PROSPECT_LINE
        + """ AS line FROM jobs.prospects
                JOIN jobs.prospect_groups USING (codigo_vaga, titulo_vaga)
                WHERE codigo_vaga = %(code)s::bigint) AS listed
            """,
        {"code": code},
    )
    if rendered is None:
        raise ProspectNotFoundError("Prospect não encontrado para a vaga informada.")
    return rendered

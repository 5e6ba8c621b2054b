"""Writes the tables of the job centre as the old system's files, record by record.

Same keys, same order, same indentation, the files' own spellings; whatever else a record came
with follows its known members.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, BinaryIO, Final, TypeAlias

import orjson
import psycopg
from psycopg import IsolationLevel

from praca.jobs.fields import (
    CANDIDATE_SECTIONS,
    PROSPECT_ALIASES,
    VACANCY_ALIASES,
    VACANCY_SECTIONS,
)
from praca.jobs.transfer.report import Progress, TransferKind

__all__ = ["export_records"]

Sink: TypeAlias = Callable[[bytes], Any] | BinaryIO

_FLUSH: Final = 256 * 1024
_ROWS: Final = 200
_INDENTATION: Final = re.compile(rb"\n( +)")
_VACANCY_NAMES: Final = {ours: theirs for theirs, ours in VACANCY_ALIASES.items()}
_STATUS: Final = {ours: theirs for theirs, ours in PROSPECT_ALIASES.items()}["situacao_candidato"]

_CANDIDATES: Final = """
SELECT codigo_profissional, infos_basicas::text, informacoes_pessoais::text,
    informacoes_profissionais::text, formacao_e_idiomas::text, cargo_atual::text,
    cv_pt, cv_en, extras::text
FROM jobs.candidates ORDER BY codigo_profissional
"""
_VACANCIES: Final = """
SELECT codigo_vaga, infos_basicas::text, perfil_vaga::text, beneficios::text, extras::text
FROM jobs.vacancies ORDER BY codigo_vaga
"""
# Groups first, each followed by nothing; then the applications of the vacancy as they came.
_PROSPECTS: Final = """
SELECT codigo_vaga, NULL::bigint AS id, titulo_vaga, modalidade, extras::text,
    NULL::bigint, NULL, NULL, NULL, NULL, NULL, NULL
FROM jobs.prospect_groups
UNION ALL
SELECT codigo_vaga, id, titulo_vaga, NULL, extras::text, codigo_candidato, nome,
    situacao_candidato, data_candidatura, ultima_atualizacao, comentario, recrutador
FROM jobs.prospects
ORDER BY codigo_vaga, id NULLS FIRST, titulo_vaga
"""

_Entry: TypeAlias = tuple[int, dict[str, Any]]


def _ordered(
    section: Mapping[str, Any], known: Iterable[str], names: Mapping[str, str] | None = None
) -> dict[str, Any]:
    names = names or {}
    answer = {names.get(name, name): section[name] for name in known if name in section}
    for name, value in section.items():
        answer.setdefault(names.get(name, name), value)
    return answer


def _with(record: dict[str, Any], extras: str) -> dict[str, Any]:
    if extras != "{}":
        for name, value in orjson.loads(extras).items():
            record.setdefault(name, value)
    return record


def _candidates(rows: Iterable[tuple[Any, ...]]) -> Iterator[_Entry]:
    for code, *sections, job, cv_pt, cv_en, extras in rows:
        record: dict[str, Any] = {
            name: _ordered(orjson.loads(text), known)
            for (name, known), text in zip(CANDIDATE_SECTIONS.items(), sections, strict=True)
        }
        record["infos_basicas"] = {"codigo_profissional": str(code), **record["infos_basicas"]}
        record["cargo_atual"] = orjson.loads(job)
        record["cv_pt"] = cv_pt
        record["cv_en"] = cv_en
        yield code, _with(record, extras)


def _vacancies(rows: Iterable[tuple[Any, ...]]) -> Iterator[_Entry]:
    for code, *sections, extras in rows:
        record: dict[str, Any] = {
            "informacoes_basicas" if name == "infos_basicas" else name: _ordered(
                orjson.loads(text), known, _VACANCY_NAMES
            )
            for (name, known), text in zip(VACANCY_SECTIONS.items(), sections, strict=True)
        }
        yield code, _with(record, extras)


def _application(row: tuple[Any, ...], title: str) -> dict[str, Any]:
    _, _, own_title, _, extras, candidate, name, status, applied, updated, comment, recruiter = row
    record = {
        "nome": name,
        "codigo": str(candidate),
        _STATUS: status,
        "data_candidatura": applied,
        "ultima_atualizacao": updated,
        "comentario": comment,
        "recrutador": recruiter,
    }
    if own_title != title:
        record["titulo_vaga"] = own_title
    return _with(record, extras)


def _prospects(rows: Iterable[tuple[Any, ...]]) -> Iterator[_Entry]:
    code: int | None = None
    record: dict[str, Any] = {}
    for row in rows:
        if row[0] != code:
            if code is not None:
                yield code, record
            code = row[0]
            record = {"titulo": row[2], "modalidade": row[3] or "", "prospects": []}
            if row[1] is None:
                _with(record, row[4])
        elif row[1] is None:
            other = _with({"titulo": row[2], "modalidade": row[3]}, row[4])
            record.setdefault("outros_titulos", []).append(other)
        if row[1] is not None:
            record["prospects"].append(_application(row, record["titulo"]))
    if code is not None:
        yield code, record


def _pretty(code: int, record: dict[str, Any], indent: int) -> bytes:
    """Return one member, indented as ``json.dumps`` would, without the braces around it."""
    text = orjson.dumps({str(code): record}, option=orjson.OPT_INDENT_2)[1:-2]
    return text if indent == 2 else _INDENTATION.sub(rb"\n\1\1", text)  # noqa: PLR2004


_EXPORTS: Final[
    Mapping[
        TransferKind,
        tuple[str, Callable[[Iterable[tuple[Any, ...]]], Iterator[_Entry]], int],
    ]
] = {
    TransferKind.CANDIDATOS: (_CANDIDATES, _candidates, 4),
    TransferKind.VAGAS: (_VACANCIES, _vacancies, 4),
    TransferKind.PROSPECTS: (_PROSPECTS, _prospects, 2),
}


def export_records(
    connection: psycopg.Connection[Any],
    kind: TransferKind,
    sink: Sink,
    *,
    on_progress: Progress | None = None,
) -> int:
    """Write every record of ``kind`` to ``sink`` and return how many the file has.

    What is written is one state of the database, whatever happens to it meanwhile.

    Args:
        connection: one without an open transaction.
        kind: which of the three files.
        sink: an open binary file, or what takes each piece of it.
        on_progress: told about records and bytes as they are written.
    """
    query, entries, indent = _EXPORTS[TransferKind(kind)]
    write = sink if callable(sink) else sink.write
    before = (connection.isolation_level, connection.read_only)
    connection.isolation_level = IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    count = size = 0
    held = bytearray(b"{")
    try:
        with (
            connection.transaction(),
            connection.cursor("export", row_factory=psycopg.rows.tuple_row) as cursor,
        ):
            cursor.itersize = _ROWS
            cursor.execute(query)
            for code, record in entries(cursor):
                held += b"," if count else b""
                held += _pretty(code, record, indent)
                count += 1
                if len(held) >= _FLUSH:
                    write(bytes(held))
                    size += len(held)
                    held.clear()
                    if on_progress:
                        on_progress(count, size)
    finally:
        connection.isolation_level, connection.read_only = before
    held += b"\n}" if count else b"}"
    write(bytes(held))
    if on_progress:
        on_progress(count, size + len(held))
    return count

"""Candidates and vacancies into their tables: a record is a row."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg import sql

from praca.jobs.transfer.errors import RejectedRecordError
from praca.jobs.transfer.records import Row, candidate_row, record_code, vacancy_row
from praca.jobs.transfer.report import ImportMode
from praca.jobs.transfer.staging import (
    Walk,
    column_names,
    copy_lines,
    escaped,
    leave_out_erased,
    one_row,
)
from praca.jobs.transfer.stream import Member

__all__ = ["CANDIDATES", "VACANCIES", "RecordTable", "import_whole_records"]


@dataclass(frozen=True, slots=True)
class RecordTable:
    """A table of whole records."""

    name: sql.Identifier
    key: str
    columns: tuple[tuple[str, str], ...]
    row: Callable[[Member, int], Row]
    key_field: str


CANDIDATES: Final = RecordTable(
    sql.Identifier("jobs", "candidates"),
    "codigo_profissional",
    (
        ("infos_basicas", "jsonb"),
        ("informacoes_pessoais", "jsonb"),
        ("informacoes_profissionais", "jsonb"),
        ("formacao_e_idiomas", "jsonb"),
        ("cargo_atual", "jsonb"),
        ("cv_pt", "text"),
        ("cv_en", "text"),
        ("extras", "jsonb"),
    ),
    candidate_row,
    "codigo_profissional",
)
VACANCIES: Final = RecordTable(
    sql.Identifier("jobs", "vacancies"),
    "codigo_vaga",
    (
        ("infos_basicas", "jsonb"),
        ("perfil_vaga", "jsonb"),
        ("beneficios", "jsonb"),
        ("extras", "jsonb"),
    ),
    vacancy_row,
    "codigo_vaga",
)


def _record_lines(table: RecordTable, walk: Walk) -> Iterator[bytes]:
    """Yield lines for COPY: sequence, code, whether it is refused, columns."""
    report = walk.report
    nulls = b"\t\\N" * len(table.columns)
    for member in walk:
        report.read += 1
        code: int | None = None
        try:
            key = member.key_text()
            code = record_code(key, table.key_field)
            _, columns = table.row(member, code)
        except (RejectedRecordError, RecursionError) as error:
            walk.refuse(member.key_text(), error)
            if code is not None:
                yield b"%d\t%d\tt%s\n" % (walk.position, code, nulls)
            continue
        yield b"%d\t%d\tf\t%s\n" % (
            walk.position,
            code,
            b"\t".join([escaped(column) for column in columns]),
        )


def import_whole_records(cursor: psycopg.Cursor[Any], table: RecordTable, walk: Walk) -> None:
    """Stage the records, then write what is new or different with one statement."""
    report = walk.report
    names = [name for name, _ in table.columns]
    key = sql.Identifier(table.key)
    parts = {
        "table": table.name,
        "key": key,
        "columns": column_names(names),
        "staged": column_names(names, "s"),
        "stored": column_names(names, "t"),
        "new": column_names(names, "excluded"),
        "set": sql.SQL(", ").join(
            sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in names
        ),
    }
    cursor.execute(
        sql.SQL(
            "CREATE TEMP TABLE staging (seq bigint, {key} bigint, refused boolean, {types})"
            " ON COMMIT DROP"
        ).format(
            key=key,
            types=sql.SQL(", ").join(
                sql.Identifier(name) + sql.SQL(" " + kind) for name, kind in table.columns
            ),
        )
    )
    copy_lines(
        cursor,
        sql.SQL("COPY staging (seq, {key}, refused, {columns}) FROM STDIN").format(**parts),
        _record_lines(table, walk),
    )
    walk.require_some()
    if table is CANDIDATES:
        leave_out_erased(cursor, report, key)
    cursor.execute(sql.SQL("ANALYZE staging (seq, {key}, refused)").format(**parts))
    cursor.execute(
        sql.SQL(
            """
            DELETE FROM staging AS s USING (
                SELECT {key}, max(seq) AS seq FROM staging WHERE NOT refused
                GROUP BY {key} HAVING count(*) > 1
            ) AS last
            WHERE s.{key} = last.{key} AND s.seq < last.seq AND NOT s.refused
            """
        ).format(**parts)
    )
    report.duplicates = cursor.rowcount
    if report.mode is ImportMode.REPLACE:
        cursor.execute(
            sql.SQL(
                "DELETE FROM {table} AS t"
                " WHERE NOT EXISTS (SELECT FROM staging AS s WHERE s.{key} = t.{key})"
            ).format(**parts)
        )
        report.removed = cursor.rowcount
    report.inserted, report.updated = one_row(
        cursor,
        sql.SQL(
            """
            WITH written AS (
                INSERT INTO {table} AS t ({key}, {columns})
                SELECT s.{key}, {staged}
                FROM staging AS s LEFT JOIN {table} AS t USING ({key})
                WHERE NOT s.refused
                  AND (t.{key} IS NULL OR ROW({staged}) IS DISTINCT FROM ROW({stored}))
                ORDER BY s.seq
                ON CONFLICT ({key}) DO UPDATE
                SET {set}, changed_in = pg_current_xact_id(), updated_at = now()
                WHERE ROW({stored}) IS DISTINCT FROM ROW({new})
                RETURNING (t.xmax = 0) AS fresh
            )
            SELECT count(*) FILTER (WHERE fresh), count(*) FILTER (WHERE NOT fresh) FROM written
            """
        ).format(**parts),
    )
    report.unchanged = (
        report.read - report.skipped - report.duplicates - report.inserted - report.updated
    )

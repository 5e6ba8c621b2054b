"""Applications into their tables: a record is a vacancy's list of them."""

from collections.abc import Iterator
from typing import Any, Final

import psycopg
from psycopg import sql

from praca.jobs.transfer.errors import RejectedRecordError
from praca.jobs.transfer.records import (
    BadProspect,
    ProspectRow,
    count_applications,
    prospect_rows,
    record_code,
)
from praca.jobs.transfer.report import ImportMode
from praca.jobs.transfer.staging import (
    NULL,
    Walk,
    column_names,
    copy_lines,
    escaped,
    leave_out_erased,
    one_row,
)

__all__ = ["import_prospects"]

_PROSPECT_COLUMNS: Final = (
    "nome",
    "situacao_candidato",
    "data_candidatura",
    "ultima_atualizacao",
    "comentario",
    "recrutador",
)


def _prospect_line(seq: int, row: ProspectRow) -> bytes:
    texts = [
        NULL if value is None else escaped(value.encode())
        for value in (row.titulo_vaga, row.modalidade, *row.fields)
    ]
    candidate = NULL if row.codigo_candidato is None else b"%d" % row.codigo_candidato
    return b"%d\tf\t%s\t%d\t%s\t%s\t%s\n" % (
        seq,
        b"t" if row.implied else b"f",
        row.codigo_vaga,
        candidate,
        b"\t".join(texts),
        escaped(row.extras),
    )


def _refused_line(seq: int, vacancy: int, candidate: int | None) -> bytes:
    who = NULL if candidate is None else b"%d" % candidate
    nulls = b"\t\\N" * (2 + len(_PROSPECT_COLUMNS))
    return b"%d\tt\tf\t%d\t%s%s\t{}\n" % (seq, vacancy, who, nulls)


def _prospect_lines(walk: Walk) -> Iterator[bytes]:
    report = walk.report
    seq = 0
    for member in walk:
        code: int | None = None
        key = member.key_text()
        try:
            # Real files keep an empty group under "0".
            code = record_code(key, "codigo_vaga", least=0)
            rows = prospect_rows(member, code)
        except (RejectedRecordError, RecursionError) as error:
            lost = count_applications(member)
            report.read += lost
            walk.refuse(key, error, count=lost)
            if code is not None:
                seq += 1
                yield _refused_line(seq, code, None)
            continue
        for row in rows:
            seq += 1
            if isinstance(row, BadProspect):
                report.read += 1
                report.reject(walk.position, key, row.field, row.reason)
                yield _refused_line(seq, code, row.codigo_candidato)
            else:
                report.read += row.codigo_candidato is not None
                yield _prospect_line(seq, row)


_STAGE_PROSPECTS: Final = """
CREATE TEMP TABLE staging (
    seq bigint, refused boolean, implied boolean, codigo_vaga bigint, codigo_candidato bigint,
    titulo_vaga text, modalidade text, nome text, situacao_candidato text, data_candidatura text,
    ultima_atualizacao text, comentario text, recrutador text, extras jsonb
) ON COMMIT DROP
"""

_DROP_REPEATED_PROSPECTS: Final = """
DELETE FROM staging AS s USING (
    SELECT codigo_vaga, codigo_candidato, max(seq) AS seq FROM staging
    WHERE NOT refused AND codigo_candidato IS NOT NULL
    GROUP BY codigo_vaga, codigo_candidato HAVING count(*) > 1
) AS last
WHERE s.codigo_vaga = last.codigo_vaga AND s.codigo_candidato = last.codigo_candidato
  AND s.seq < last.seq AND NOT s.refused
"""

# A refused application without a usable code protects all of its vacancy's.
_REMOVE_PROSPECTS: Final = """
DELETE FROM jobs.prospects AS t
WHERE NOT EXISTS (
    SELECT FROM staging AS s
    WHERE s.codigo_vaga = t.codigo_vaga AND s.codigo_candidato = t.codigo_candidato
) AND NOT EXISTS (
    SELECT FROM staging AS s
    WHERE s.codigo_vaga = t.codigo_vaga AND s.refused AND s.codigo_candidato IS NULL
)
"""

_WRITE_GROUPS: Final = """
WITH last AS (
    SELECT DISTINCT ON (codigo_vaga, titulo_vaga)
        codigo_vaga, titulo_vaga, modalidade, extras, implied, seq
    FROM staging WHERE NOT refused AND codigo_candidato IS NULL
    ORDER BY codigo_vaga, titulo_vaga, implied, seq DESC
), written AS (
    INSERT INTO jobs.prospect_groups AS t (codigo_vaga, titulo_vaga, modalidade, extras)
    SELECT s.codigo_vaga, s.titulo_vaga, s.modalidade, s.extras
    FROM last AS s LEFT JOIN jobs.prospect_groups AS t USING (codigo_vaga, titulo_vaga)
    WHERE t.codigo_vaga IS NULL
       OR (NOT s.implied AND (s.modalidade, s.extras) IS DISTINCT FROM (t.modalidade, t.extras))
    ORDER BY s.seq
    ON CONFLICT (codigo_vaga, titulo_vaga) DO UPDATE
    SET modalidade = excluded.modalidade, extras = excluded.extras
)
SELECT count(*) FROM last
"""

_WRITE_PROSPECTS: Final = """
WITH written AS (
    INSERT INTO jobs.prospects AS t (
        codigo_vaga, codigo_candidato, titulo_vaga, nome, situacao_candidato, data_candidatura,
        ultima_atualizacao, comentario, recrutador, extras
    )
    SELECT s.codigo_vaga, s.codigo_candidato, s.titulo_vaga, s.nome, s.situacao_candidato,
        s.data_candidatura, s.ultima_atualizacao, s.comentario, s.recrutador, s.extras
    FROM staging AS s LEFT JOIN jobs.prospects AS t USING (codigo_vaga, codigo_candidato)
    WHERE NOT s.refused AND s.codigo_candidato IS NOT NULL
      AND (t.id IS NULL OR (
        s.titulo_vaga, s.nome, s.situacao_candidato, s.data_candidatura, s.ultima_atualizacao,
        s.comentario, s.recrutador, s.extras
      ) IS DISTINCT FROM (
        t.titulo_vaga, t.nome, t.situacao_candidato, t.data_candidatura, t.ultima_atualizacao,
        t.comentario, t.recrutador, t.extras
      ))
    ORDER BY s.seq
    ON CONFLICT (codigo_vaga, codigo_candidato) DO UPDATE
    SET titulo_vaga = excluded.titulo_vaga, nome = excluded.nome,
        situacao_candidato = excluded.situacao_candidato,
        data_candidatura = excluded.data_candidatura,
        ultima_atualizacao = excluded.ultima_atualizacao, comentario = excluded.comentario,
        recrutador = excluded.recrutador, extras = excluded.extras, updated_at = now()
    RETURNING (t.xmax = 0) AS fresh
)
SELECT count(*) FILTER (WHERE fresh), count(*) FILTER (WHERE NOT fresh) FROM written
"""

# A vacancy that the file files under another title leaves an empty group behind; so does a
# replacement. Groups the file names, or that hold an application, stay.
_EMPTY_GROUPS: Final = """
FROM jobs.prospect_groups AS t
WHERE NOT EXISTS (
    SELECT FROM staging AS s WHERE s.codigo_vaga = t.codigo_vaga
      AND (s.titulo_vaga = t.titulo_vaga OR (s.refused AND s.codigo_candidato IS NULL))
) AND NOT EXISTS (
    SELECT FROM jobs.prospects AS p
    WHERE p.codigo_vaga = t.codigo_vaga AND p.titulo_vaga = t.titulo_vaga
)
"""
_OF_THE_FILE: Final = "AND t.codigo_vaga IN (SELECT codigo_vaga FROM staging)"

_COUNT_MISSING: Final = """
SELECT
    count(*) FILTER (WHERE NOT EXISTS (
        SELECT FROM jobs.candidates AS c WHERE c.codigo_profissional = s.codigo_candidato)),
    count(*) FILTER (WHERE NOT EXISTS (
        SELECT FROM jobs.vacancies AS v WHERE v.codigo_vaga = s.codigo_vaga))
FROM staging AS s WHERE NOT refused AND codigo_candidato IS NOT NULL
"""


def import_prospects(cursor: psycopg.Cursor[Any], walk: Walk) -> None:
    """Stage the applications, then write groups and rows that are new or different."""
    report = walk.report
    cursor.execute(_STAGE_PROSPECTS)
    copy_lines(
        cursor,
        sql.SQL(
            "COPY staging (seq, refused, implied, codigo_vaga, codigo_candidato, titulo_vaga,"
            " modalidade, {columns}, extras) FROM STDIN"
        ).format(columns=column_names(_PROSPECT_COLUMNS)),
        _prospect_lines(walk),
    )
    walk.require_some()
    leave_out_erased(cursor, report, sql.Identifier("codigo_candidato"))
    cursor.execute("ANALYZE staging")
    cursor.execute(_DROP_REPEATED_PROSPECTS)
    report.duplicates = cursor.rowcount
    replace = report.mode is ImportMode.REPLACE
    if replace:
        cursor.execute(_REMOVE_PROSPECTS)
        report.removed = cursor.rowcount
    (report.groups,) = one_row(cursor, sql.SQL(_WRITE_GROUPS))
    report.inserted, report.updated = one_row(cursor, sql.SQL(_WRITE_PROSPECTS))
    empty = _EMPTY_GROUPS if replace else _EMPTY_GROUPS + _OF_THE_FILE
    # Waits for those who are just adding to one of them; the second statement sees what they did.
    cursor.execute("SELECT " + empty + " FOR UPDATE OF t")
    cursor.execute("DELETE " + empty)
    report.unchanged = (
        report.read - report.skipped - report.duplicates - report.inserted - report.updated
    )
    report.missing_candidates, report.missing_vacancies = one_row(cursor, sql.SQL(_COUNT_MISSING))

"""Reads a file of the job centre into its tables, in one transaction.

File -> members -> checked rows -> COPY into a staging table -> one statement that writes only
what is new or different. Nothing is visible before the end, and a process that dies on the way
leaves nothing behind.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import psycopg
from psycopg import sql

from praca.jobs.transfer.errors import BrokenFileError, RejectedRecordError
from praca.jobs.transfer.records import (
    BadProspect,
    ProspectRow,
    Row,
    candidate_row,
    count_applications,
    prospect_rows,
    record_code,
    vacancy_row,
)
from praca.jobs.transfer.report import ImportMode, ImportReport, Progress, TransferKind
from praca.jobs.transfer.stream import Member, iter_members

__all__ = ["import_lock", "import_records"]

_LOCK: Final = 0x5072_6161
_FLUSH: Final = 256 * 1024
_TELL_EVERY: Final = 1024 * 1024

_NULL: Final = b"\\N"


def _escaped(raw: bytes) -> bytes:
    """Escape text for COPY."""
    return (
        raw.replace(b"\\", b"\\\\")
        .replace(b"\n", b"\\n")
        .replace(b"\r", b"\\r")
        .replace(b"\t", b"\\t")
    )


@dataclass(frozen=True, slots=True)
class _Table:
    """A table of whole records."""

    name: sql.Identifier
    key: str
    columns: tuple[tuple[str, str], ...]
    row: Callable[[Member, int], Row]
    key_field: str


_CANDIDATES: Final = _Table(
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
_VACANCIES: Final = _Table(
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

_DEEP: Final = RejectedRecordError("", "está aninhado demais")


class _Walk:
    """Goes through the members, counts and tells."""

    def __init__(self, source: BinaryIO, report: ImportReport, progress: Progress | None) -> None:
        self._source = source
        self.report = report
        self._progress = progress
        self._told = 0
        self._refused = 0
        self._first_refusal = ""
        self.position = 0
        self.bytes = 0

    def __iter__(self) -> Iterator[Member]:
        for member in iter_members(self._source):
            self.position += 1
            yield member
            self.bytes = member.offset + len(member.value)
            if self._progress and self.bytes - self._told >= _TELL_EVERY:
                self._told = self.bytes
                self._progress(self.report.read, self.bytes)
        if self._progress:
            self._progress(self.report.read, self.bytes)

    def refuse(self, key: str, error: Exception, *, count: int = 1) -> None:
        """Report a record that is left out as a whole."""
        known = error if isinstance(error, RejectedRecordError) else _DEEP
        self.report.reject(self.position, key, known.field, known.reason, count=count)
        self._first_refusal = self._first_refusal or str(known)
        self._refused += 1

    def require_some(self) -> None:
        """Refuse a file none of whose records is of its kind: somebody took the wrong one.

        In ``replace`` mode it would otherwise empty the table.
        """
        if self.position and self._refused == self.position:
            raise BrokenFileError(
                f"nenhum dos registros ({self.position}) é de {self.report.kind.value}; "
                f"o primeiro foi recusado ({self._first_refusal})"
            )


def _record_lines(table: _Table, walk: _Walk) -> Iterator[bytes]:
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
            b"\t".join([_escaped(column) for column in columns]),
        )


def _copy(
    cursor: psycopg.Cursor[Any], statement: sql.SQL | sql.Composed, lines: Iterable[bytes]
) -> None:
    with cursor.copy(statement) as copy:
        held: list[bytes] = []
        size = 0
        for line in lines:
            held.append(line)
            size += len(line)
            if size >= _FLUSH:
                copy.write(b"".join(held))
                held.clear()
                size = 0
        copy.write(b"".join(held))


def _one(cursor: psycopg.Cursor[Any], query: sql.SQL | sql.Composed) -> tuple[int, ...]:
    row = cursor.execute(query).fetchone()
    assert row is not None  # noqa: S101  # an aggregate answers one row
    return tuple(row)


def _names(columns: Iterable[str], prefix: str = "") -> sql.Composed:
    if prefix:
        return sql.SQL(", ").join(sql.Identifier(prefix, name) for name in columns)
    return sql.SQL(", ").join(sql.Identifier(name) for name in columns)


def _leave_out_erased(
    cursor: psycopg.Cursor[Any], report: ImportReport, code: sql.Identifier
) -> None:
    """Take people who were erased out of the staging table: a file may be older than that."""
    cursor.execute(
        sql.SQL(
            "DELETE FROM staging AS s USING jobs.erased_candidates AS e"
            " WHERE s.{code} = e.codigo_profissional AND NOT s.refused"
        ).format(code=code)
    )
    report.erased = cursor.rowcount
    report.skipped += cursor.rowcount


def _import_table(cursor: psycopg.Cursor[Any], table: _Table, walk: _Walk) -> None:
    report = walk.report
    names = [name for name, _ in table.columns]
    key = sql.Identifier(table.key)
    parts = {
        "table": table.name,
        "key": key,
        "columns": _names(names),
        "staged": _names(names, "s"),
        "stored": _names(names, "t"),
        "new": _names(names, "excluded"),
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
    _copy(
        cursor,
        sql.SQL("COPY staging (seq, {key}, refused, {columns}) FROM STDIN").format(**parts),
        _record_lines(table, walk),
    )
    walk.require_some()
    if table is _CANDIDATES:
        _leave_out_erased(cursor, report, key)
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
    report.inserted, report.updated = _one(
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
        _NULL if value is None else _escaped(value.encode())
        for value in (row.titulo_vaga, row.modalidade, *row.fields)
    ]
    candidate = _NULL if row.codigo_candidato is None else b"%d" % row.codigo_candidato
    return b"%d\tf\t%s\t%d\t%s\t%s\t%s\n" % (
        seq,
        b"t" if row.implied else b"f",
        row.codigo_vaga,
        candidate,
        b"\t".join(texts),
        _escaped(row.extras),
    )


def _refused_line(seq: int, vacancy: int, candidate: int | None) -> bytes:
    who = _NULL if candidate is None else b"%d" % candidate
    nulls = b"\t\\N" * (2 + len(_PROSPECT_COLUMNS))
    return b"%d\tt\tf\t%d\t%s%s\t{}\n" % (seq, vacancy, who, nulls)


def _prospect_lines(walk: _Walk) -> Iterator[bytes]:
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


def _import_prospects(cursor: psycopg.Cursor[Any], walk: _Walk) -> None:
    report = walk.report
    cursor.execute(_STAGE_PROSPECTS)
    _copy(
        cursor,
        sql.SQL(
            "COPY staging (seq, refused, implied, codigo_vaga, codigo_candidato, titulo_vaga,"
            " modalidade, {columns}, extras) FROM STDIN"
        ).format(columns=_names(_PROSPECT_COLUMNS)),
        _prospect_lines(walk),
    )
    walk.require_some()
    _leave_out_erased(cursor, report, sql.Identifier("codigo_candidato"))
    cursor.execute("ANALYZE staging")
    cursor.execute(_DROP_REPEATED_PROSPECTS)
    report.duplicates = cursor.rowcount
    replace = report.mode is ImportMode.REPLACE
    if replace:
        cursor.execute(_REMOVE_PROSPECTS)
        report.removed = cursor.rowcount
    (report.groups,) = _one(cursor, sql.SQL(_WRITE_GROUPS))
    report.inserted, report.updated = _one(cursor, sql.SQL(_WRITE_PROSPECTS))
    empty = _EMPTY_GROUPS if replace else _EMPTY_GROUPS + _OF_THE_FILE
    # Waits for those who are just adding to one of them; the second statement sees what they did.
    cursor.execute("SELECT " + empty + " FOR UPDATE OF t")
    cursor.execute("DELETE " + empty)
    report.unchanged = (
        report.read - report.skipped - report.duplicates - report.inserted - report.updated
    )
    report.missing_candidates, report.missing_vacancies = _one(cursor, sql.SQL(_COUNT_MISSING))


def import_lock(kind: TransferKind) -> tuple[int, int]:
    """Return the advisory lock that an import of this kind holds until it commits."""
    return _LOCK, list(TransferKind).index(kind)


def import_records(
    connection: psycopg.Connection[Any],
    source: BinaryIO,
    kind: TransferKind,
    *,
    mode: ImportMode = ImportMode.UPSERT,
    max_errors: int = 100,
    on_progress: Progress | None = None,
) -> ImportReport:
    """Bring the records of ``source`` in, all of them or (if the file is broken) none.

    A record that breaks a rule is left out and reported; in ``replace`` mode its old row stays.
    Two imports of a kind wait for each other. Memory does not grow with the file.

    Args:
        connection: one without an open transaction; it is committed here.
        source: plain JSON (see :func:`open_plain_or_gzip`).
        kind: which of the three layouts it has.
        mode: whether rows that the file does not name stay or go.
        max_errors: refused records that are described; the others are only counted.
        on_progress: told about every MiB; what it raises ends the import, with nothing changed.

    Raises:
        BrokenFileError: the file is truncated, is not a JSON object, or has not one record of
            the kind.
    """
    kind, mode = TransferKind(kind), ImportMode(mode)
    report = ImportReport(kind, mode, max_errors=max_errors)
    walk = _Walk(source, report, on_progress)
    with connection.transaction(), connection.cursor(row_factory=psycopg.rows.tuple_row) as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", import_lock(kind))
        cursor.execute("SET LOCAL work_mem = '32MB'")
        if kind is TransferKind.CANDIDATOS:
            _import_table(cursor, _CANDIDATES, walk)
        elif kind is TransferKind.VAGAS:
            _import_table(cursor, _VACANCIES, walk)
        else:
            _import_prospects(cursor, walk)
    return report

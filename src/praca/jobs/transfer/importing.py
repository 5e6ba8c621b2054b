"""Reads a file of the job centre into its tables, in one transaction.

File -> members -> checked rows -> COPY into a staging table -> one statement that writes only
what is new or different. Nothing is visible before the end, and a process that dies on the way
leaves nothing behind.
"""

from typing import Any, BinaryIO, Final

import psycopg

from praca.jobs.transfer.prospect_import import import_prospects
from praca.jobs.transfer.record_import import CANDIDATES, VACANCIES, import_whole_records
from praca.jobs.transfer.report import ImportMode, ImportReport, Progress, TransferKind
from praca.jobs.transfer.staging import Walk

__all__ = ["import_lock", "import_records"]

_LOCK: Final = 0x5072_6161


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
    walk = Walk(source, report, on_progress)
    with connection.transaction(), connection.cursor(row_factory=psycopg.rows.tuple_row) as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", import_lock(kind))
        cursor.execute("SET LOCAL work_mem = '32MB'")
        if kind is TransferKind.CANDIDATOS:
            import_whole_records(cursor, CANDIDATES, walk)
        elif kind is TransferKind.VAGAS:
            import_whole_records(cursor, VACANCIES, walk)
        else:
            import_prospects(cursor, walk)
    return report

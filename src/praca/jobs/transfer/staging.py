"""What every import does on its way into a staging table: walk, escape, copy, leave out."""

from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, Final

import psycopg
from psycopg import sql

from praca.jobs.transfer.errors import BrokenFileError, RejectedRecordError
from praca.jobs.transfer.report import ImportReport, Progress
from praca.jobs.transfer.stream import Member, iter_members

__all__ = ["NULL", "Walk", "column_names", "copy_lines", "escaped", "leave_out_erased", "one_row"]

_FLUSH: Final = 256 * 1024
_TELL_EVERY: Final = 1024 * 1024

NULL: Final = b"\\N"
"""A missing value, as COPY spells it."""

_DEEP: Final = RejectedRecordError("", "está aninhado demais")


def escaped(raw: bytes) -> bytes:
    """Escape text for COPY."""
    return (
        raw.replace(b"\\", b"\\\\")
        .replace(b"\n", b"\\n")
        .replace(b"\r", b"\\r")
        .replace(b"\t", b"\\t")
    )


class Walk:
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


def copy_lines(
    cursor: psycopg.Cursor[Any], statement: sql.SQL | sql.Composed, lines: Iterable[bytes]
) -> None:
    """Send lines to COPY, some hundred KiB at a time."""
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


def one_row(cursor: psycopg.Cursor[Any], query: sql.SQL | sql.Composed) -> tuple[int, ...]:
    """Return the one row that an aggregate answers."""
    row = cursor.execute(query).fetchone()
    assert row is not None  # noqa: S101  # an aggregate answers one row
    return tuple(row)


def column_names(columns: Iterable[str], prefix: str = "") -> sql.Composed:
    """Return column names as a list in SQL, each with a table's name before it if one is given."""
    if prefix:
        return sql.SQL(", ").join(sql.Identifier(prefix, name) for name in columns)
    return sql.SQL(", ").join(sql.Identifier(name) for name in columns)


def leave_out_erased(
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

"""What PostgreSQL's own programs do: one consistent dump as a stream, and its way back."""

import os
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final, cast

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from praca.platform.backup.errors import BackupError, BrokenBackupError, RestoreError
from praca.platform.backup.manifest import Database
from praca.platform.embedded import PROGRAMS, PROGRAMS_VERSION
from praca.platform.revisions import REVISION_QUERY

__all__ = ["Loading", "Snapshot", "check_dump", "count_rows", "is_empty", "loading", "snapshot"]

_PIECE: Final = 16 * 1024 * 1024
_HEAD: Final = 64 * 1024
_MAJOR: Final = 10_000
_VARIABLES: Final = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "dbname": "PGDATABASE",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "options": "PGOPTIONS",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "channel_binding": "PGCHANNELBINDING",
    "gssencmode": "PGGSSENCMODE",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
}
_OWN_SETTING: Final = re.compile(rb"^SET transaction_timeout = 0;$", re.MULTILINE)
"""Written by programs from 17 on, and unknown to older servers."""

_NO_EXTENSION: Final = """NOT EXISTS (SELECT FROM pg_depend d
    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')"""
"""What an extension brings is not in a dump: the target's own release of it brings it again."""
_TABLES: Final = f"""
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_'
    AND {_NO_EXTENSION}
ORDER BY 1, 2
"""
_ANYTHING: Final = f"""
SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_'
    AND {_NO_EXTENSION})
OR EXISTS (SELECT FROM pg_namespace WHERE nspname <> 'information_schema'
    AND nspname <> 'public' AND nspname !~ '^pg_')
"""


class Snapshot:
    """One moment of a database, held open: what is read from it, and its dump, are of that moment.

    Attributes:
        facts: revision, size and counts of rows at that moment.
        connection: in a transaction that reads that moment.
    """

    def __init__(self, url: str, connection: psycopg.Connection[Any], schema: str) -> None:
        self._url = url
        self.connection = connection
        self._name, at, size = _one(
            connection, "SELECT pg_export_snapshot(), now(), pg_database_size(current_database())"
        )
        server = connection.info.server_version
        self.facts = Database(
            revision=tuple(_revision(connection, schema)),
            server=server,
            at=cast("datetime", at),
            size=int(size),
            rows=count_rows(connection),
        )

    def dump(self) -> Iterator[bytes]:
        """Yield a dump in PostgreSQL's own format, in pieces of a few megabytes.

        Raises:
            BackupError: the program ended with an error.
        """
        command = [
            _program("pg_dump", self.facts.server),
            *("--format=custom", "--compress=gzip:4", "--no-owner", "--no-privileges"),
            *("--no-password", f"--snapshot={self._name}"),
        ]
        with tempfile.TemporaryFile() as errors:
            process = subprocess.Popen(  # noqa: S603  # a fixed program
                command, env=_environment(self._url), stdout=subprocess.PIPE, stderr=errors
            )
            with process:
                try:
                    while piece := _filled(cast("IO[bytes]", process.stdout)):
                        yield piece
                except BaseException:
                    process.kill()
                    raise
            if process.returncode:
                raise BackupError(f"pg_dump terminou com erro:\n{_tail(errors)}")


@contextmanager
def snapshot(url: str, schema: str) -> Iterator[Snapshot]:
    """Hold one moment of the database at ``url``, whose revision is noted in ``schema``.

    Raises:
        BackupError: the database does not answer, or was never migrated.
    """
    try:
        with psycopg.connect(url) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            yield Snapshot(url, connection, schema)
            connection.rollback()
    except psycopg.errors.UndefinedTable as error:
        raise BackupError(
            "falta no banco de dados uma tabela da Praça; confira PRACA_DATABASE_URL,"
            f" PRACA_IDENTITY_DATABASE_URL e `praca migrate`: {error.diag.message_primary}"
        ) from error
    except psycopg.OperationalError as error:
        raise BackupError(f"o banco de dados não responde: {error}") from error
    except psycopg.Error as error:
        raise BackupError(f"o banco de dados recusou a leitura: {error}") from error


def _one(connection: psycopg.Connection[Any], query: str) -> Any:
    return connection.execute(query.encode()).fetchone()


def _revision(connection: psycopg.Connection[Any], schema: str) -> list[str]:
    query = sql.SQL(REVISION_QUERY).format(schema=sql.Identifier(schema))
    return sorted(row[0] for row in connection.execute(query))


def count_rows(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """Return the number of rows of every table, by its name with the schema."""
    counts: dict[str, int] = {}
    for schema, name in connection.execute(_TABLES.encode()).fetchall():
        query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, name))
        row = connection.execute(query).fetchone()
        counts[f"{schema}.{name}"] = row[0] if row else 0
    return counts


def is_empty(url: str) -> bool:
    """Tell whether nothing at all is in the database.

    Raises:
        RestoreError: it does not answer.
    """
    try:
        with psycopg.connect(url) as connection:
            return not _one(connection, _ANYTHING)[0]
    except psycopg.OperationalError as error:
        raise RestoreError(f"o banco de dados não responde: {error}") from error


def check_dump(pieces: Iterator[bytes]) -> int:
    """Have PostgreSQL read the list of what is in a dump; return the number of entries.

    Raises:
        BrokenBackupError: it cannot.
    """
    command = [_program("pg_restore", 0), "--list"]
    with tempfile.TemporaryFile() as errors, tempfile.TemporaryFile() as out:
        process = subprocess.Popen(  # noqa: S603  # a fixed program
            command, stdin=subprocess.PIPE, stdout=out, stderr=errors
        )
        with process:
            entry = cast("IO[bytes]", process.stdin)
            try:
                for piece in pieces:
                    entry.write(piece)
                entry.close()
            except BrokenPipeError:
                pass  # it has read the list, which stands first, and wants no more
            for _ in pieces:
                pass
        if process.returncode:
            raise BrokenBackupError(f"a lista do dump não pode ser lida:\n{_tail(errors)}")
        out.seek(0)
        return sum(1 for line in out if line.strip() and not line.startswith(b";"))


class Loading:
    """A dump on its way into an empty database, in one transaction that is not yet committed."""

    def __init__(self, feed: "_Feed", end: Callable[[], None]) -> None:
        self._feed = feed
        self._end = end

    def write(self, piece: bytes) -> None:
        """Take the next piece of the dump."""
        self._feed.write(piece)

    def end(self) -> None:
        """Have everything loaded, and leave it uncommitted."""
        self._feed.close()
        self._end()


class _Script:
    """``psql`` in one transaction; it stops at the first error."""

    def __init__(self, url: str, errors: IO[bytes]) -> None:
        self._errors = errors
        self.process = subprocess.Popen(  # noqa: S603  # a fixed program
            [
                *(_program("psql", 0), "--no-psqlrc", "--quiet", "--no-password"),
                *("--set=ON_ERROR_STOP=1", "--output", os.devnull),
            ],
            env=_environment(url),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        self.write(b"BEGIN;\n")

    def write(self, text: bytes) -> None:
        feed = cast("IO[bytes]", self.process.stdin)
        try:
            feed.write(text)
            feed.flush()
        except BrokenPipeError:
            self.process.wait()
            raise self.refused() from None

    def refused(self) -> RestoreError:
        return RestoreError(f"o PostgreSQL recusou o dump; nada ficou nele:\n{_tail(self._errors)}")

    def commit(self, statements: str) -> None:
        self.write(f"\n{statements}\nCOMMIT;\n".encode())
        cast("IO[bytes]", self.process.stdin).close()
        if self.process.wait():
            raise self.refused()


@contextmanager
def loading(url: str) -> Iterator[tuple[Loading, Callable[[str], None]]]:
    """Load a dump into the empty database at ``url``.

    Yields what takes the dump's pieces, and what commits, after statements of the caller's in the
    same transaction. Until then nobody sees anything, and if the block ends without it, or this
    process dies, nothing was there.

    Raises:
        RestoreError: PostgreSQL refused something.
    """
    with tempfile.TemporaryFile() as errors, tempfile.TemporaryFile() as more_errors:
        script = _Script(url, errors)
        reader = subprocess.Popen(  # noqa: S603  # a fixed program
            [_program("pg_restore", 0), "--file=-", "--no-owner", "--no-privileges"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=more_errors,
        )
        failures: list[BaseException] = []

        def pass_on() -> None:
            out = cast("IO[bytes]", reader.stdout)
            try:
                script.write(_OWN_SETTING.sub(b"", _filled(out, _HEAD)))
                while piece := out.read1(_HEAD):  # type: ignore[attr-defined]
                    script.write(piece)
            except (OSError, RestoreError, ValueError) as error:
                failures.append(error)
                reader.kill()

        passing = threading.Thread(target=pass_on, name="restore", daemon=True)
        passing.start()

        def end() -> None:
            passing.join()
            if reader.wait() and not failures:
                raise BrokenBackupError(f"o dump não pode ser lido:\n{_tail(more_errors)}")
            for error in failures:
                raise error

        try:
            yield Loading(_Feed(cast("IO[bytes]", reader.stdin), end), end), script.commit
        finally:
            for process in (reader, script.process):
                process.kill()
                process.wait()
            passing.join()
            for pipe in (reader.stdin, reader.stdout, script.process.stdin):
                _close(cast("IO[bytes]", pipe))


class _Feed:
    """The way to ``pg_restore``: if it has died, the reason is told instead of a broken pipe."""

    def __init__(self, feed: IO[bytes], end: Callable[[], None]) -> None:
        self._feed = feed
        self._end = end

    def write(self, piece: bytes) -> None:
        try:
            self._feed.write(piece)
        except BrokenPipeError:
            self._end()
            raise

    def close(self) -> None:
        _close(self._feed)


def _close(pipe: IO[bytes]) -> None:
    with suppress(BrokenPipeError):
        pipe.close()


def _filled(source: IO[bytes], size: int = _PIECE) -> bytes:
    """Read until ``size`` bytes are there, or the end."""
    return source.read(size)


def _environment(url: str) -> Mapping[str, str]:
    """Return the environment that leads libpq to ``url``: what runs is read by all, this is not.

    Raises:
        BackupError: the address has a parameter that cannot be handed on.
    """
    parts = conninfo_to_dict(url.replace("postgresql+psycopg://", "postgresql://", 1))
    unknown = parts.keys() - _VARIABLES.keys() - {"application_name"}
    if unknown:
        raise BackupError(f"parâmetros do endereço sem suporte: {', '.join(sorted(unknown))}")
    # What the address does not say comes from the environment, as for every other connection: on
    # ECS the password, and whose certificates are believed. A service file would win over both.
    own = {name: value for name, value in os.environ.items() if not name.startswith("PGSERVICE")}
    given = {_VARIABLES[name]: str(parts[name]) for name in parts if name in _VARIABLES}
    return {**own, **given, "PGAPPNAME": "praca-backup", "LC_MESSAGES": "C"}


def _program(name: str, server: int) -> str:
    """Return the program: ours, or for a server that is newer than ours one of the machine's.

    Raises:
        BackupError: the server is newer, and there is none.
    """
    if server // _MAJOR <= PROGRAMS_VERSION:
        return str(PROGRAMS / name)
    found = shutil.which(name)
    if found is None:
        raise BackupError(
            f"o servidor é PostgreSQL {server // _MAJOR}, e o {name} da Praça é "
            f"{PROGRAMS_VERSION}; instale o {name} {server // _MAJOR} no PATH"
        )
    return str(Path(found))


def _tail(errors: IO[bytes]) -> str:
    """Return the first errors, without the lines that quote data."""
    errors.seek(0)
    lines = errors.read(20_000).decode(errors="replace").splitlines()
    quoting = ("DETAIL", "CONTEXT", "LINE ", "STATEMENT")
    return "\n".join(line for line in lines if not line.startswith(quoting))[:2000]

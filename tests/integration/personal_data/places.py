"""All places that a person's data may lie in, as text that can be searched."""

import gzip
import io
import zipfile
from pathlib import Path

import psycopg
from psycopg import sql

ADDRESS = "203.0.113.77"
"""Where the citizen's requests come from."""

_TABLES = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND n.nspname NOT LIKE 'pg_toast%'
UNION ALL SELECT 'pg_catalog', 'pg_stats'
"""


def rows_of(dsn: str) -> dict[str, str]:
    """Return every row of every table as text, and what PostgreSQL remembers of columns."""
    found = {}
    with psycopg.connect(dsn) as connection:
        for table in connection.execute(_TABLES).fetchall():
            query = sql.SQL("SELECT string_agg(t::text, E'\\n') FROM {} AS t")
            row = connection.execute(query.format(sql.Identifier(*table))).fetchone()
            assert row is not None
            found[".".join(table)] = row[0] or ""
    return found


def files_of(folder: Path) -> dict[str, str]:
    """Return the content of every file below ``folder``, unpacked."""
    return {
        str(path.relative_to(folder)): _unpacked(path.read_bytes()).decode("utf-8", "replace")
        for path in folder.rglob("*")
        if path.is_file()
    }


def holds(content: str, word: str) -> bool:
    """Tell whether the text has the word in it, as it is or as bytes are written."""
    folded = word.casefold()
    return folded in content or word.encode().hex() in content


def _unpacked(content: bytes) -> bytes:
    if content.startswith(b"\x1f\x8b"):
        return gzip.decompress(content)
    if zipfile.is_zipfile(io.BytesIO(content)):  # npz and skops are
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return b"\n".join(packed.read(name) for name in packed.namelist())
    return content


def server_log(dsn: str) -> str:
    """Return what PostgreSQL itself has logged, where it is ours."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SHOW data_directory").fetchone()
    assert row is not None
    path = Path(row[0]) / "log"
    return path.read_text(errors="replace") if path.is_file() else ""

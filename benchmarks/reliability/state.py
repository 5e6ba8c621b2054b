"""What a city's tables and files hold at the end, in a form that two runs can be compared by."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

__all__ = ["State", "faults", "state_of"]

# Surrogate numbers, times and transaction numbers differ between equal runs; the order of the
# applications within a vacancy does not, so their ids are compared by rank.
_LEFT_OUT = {"id", "updated_at", "changed_in"}
_KEYS = {
    "candidates": "codigo_profissional",
    "vacancies": "codigo_vaga",
    "prospect_groups": "codigo_vaga, titulo_vaga",
    "prospects": "codigo_vaga, codigo_candidato",
}
_RANK = ", rank() OVER (PARTITION BY codigo_vaga ORDER BY id)"


@dataclass(frozen=True, slots=True)
class State:
    """Rows by table, a digest of each table, and the promoted model's data and figures."""

    counts: dict[str, int]
    digests: dict[str, str]
    model: tuple[str, dict[str, float]] | None


def state_of(address: str) -> State:
    """Read the state of the database at ``address``."""
    with psycopg.connect(address) as connection:
        model = connection.execute(
            "SELECT m.manifest ->> 'data_hash', m.manifest -> 'metrics'"
            " FROM platform.models m JOIN platform.model_aliases a USING (name, version)"
            " WHERE a.alias = 'champion'"
        ).fetchone()
        return State(
            counts={table: _count(connection, table) for table in _KEYS},
            digests={table: _digest(connection, table) for table in _KEYS},
            model=None if model is None else (model[0], model[1]),
        )


def _count(connection: psycopg.Connection[Any], table: str) -> int:
    query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier("jobs", table))
    return _number(connection, query)


def _number(
    connection: psycopg.Connection[Any], query: sql.Composed | sql.SQL, *params: Any
) -> int:
    row = connection.execute(query, params).fetchone()
    assert row is not None
    return int(row[0])


def _digest(connection: psycopg.Connection[Any], table: str) -> str:
    columns = [
        row[0]
        for row in connection.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_schema = 'jobs' AND table_name = %s ORDER BY column_name",
            [table],
        )
        if row[0] not in _LEFT_OUT
    ]
    query = sql.SQL("COPY (SELECT {}{} FROM {} ORDER BY {}) TO STDOUT").format(
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL(_RANK if table == "prospects" else ""),
        sql.Identifier("jobs", table),
        sql.SQL(_KEYS[table]),
    )
    digest = hashlib.sha256()
    with connection.cursor().copy(query) as rows:
        for piece in rows:
            digest.update(piece)
    return digest.hexdigest()


def faults(address: str, objects: Path, *, kills: int) -> list[str]:
    """Name everything that must not be so once all tasks have ended."""
    with psycopg.connect(address) as connection:
        return [
            *_task_faults(connection),
            *_count_faults(connection),
            *_object_faults(connection, objects, kills),
        ]


def _task_faults(connection: psycopg.Connection[Any]) -> Iterator[str]:
    for kind, status, error in connection.execute(
        "SELECT kind, status, error FROM platform.task_runs WHERE status <> 'succeeded'"
    ):
        yield f"{kind} is {status} ({error})"


def _count_faults(connection: psycopg.Connection[Any]) -> Iterator[str]:
    for table in _KEYS:
        noted = _number(connection, sql.SQL("SELECT jobs.row_count(%s)"), table)
        true = _count(connection, table)
        if noted != true:
            yield f"row_counts says {noted} {table}, there are {true}"
    doubled = _number(
        connection,
        sql.SQL(
            "SELECT count(*) FROM (SELECT FROM jobs.prospects"
            " GROUP BY codigo_vaga, codigo_candidato HAVING count(*) > 1) AS doubled"
        ),
    )
    if doubled:
        yield f"{doubled} doubled prospects"


def _object_faults(connection: psycopg.Connection[Any], objects: Path, kills: int) -> Iterator[str]:
    """Yield files that nothing explains: an upload is kept, a killed training may leave one set."""
    known = {row[0] for row in connection.execute("SELECT object_key FROM platform.models")}
    paths = [path.relative_to(objects) for path in objects.rglob("*") if path.is_file()]
    left = {path.parent.as_posix() for path in paths if path.parts[0] == "models"} - known
    if len(left) > kills:
        yield f"{len(left)} sets of model files that nothing points at after {kills} kills"
    indexes = {row[0] for row in connection.execute("SELECT object_key FROM jobs.match_indexes")}
    for path in paths:
        if path.parts[0] not in {"models", "raw"} and path.parent.as_posix() not in indexes:
            yield f"left-over file {path}"

"""How much room a line of the journal, a movement of money, a question and an audit entry take.

Run with ``uv run python -m benchmarks.row_sizes [--rows 100000]``. It fills a database of its own
with invented rows and prints bytes per row, indexes included; a movement of money is a transfer
with its two entries.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Mapping
from pathlib import Path

import psycopg
from benchmarks.ledger_verify import fill, prepare

from praca.platform.embedded import EmbeddedPostgres

_JOURNAL = """
    INSERT INTO platform.request_log (at, method, route, status, ms, user_id)
    SELECT now() + n * interval '1 ms', 'GET',
        '/api/v1/transport-card/{card_number}/balance', 200, random() * 40,
        CASE WHEN n %% 3 = 0 THEN NULL ELSE n END
    FROM generate_series(1, %(rows)s::int) n
"""
_QUESTIONS = """
    WITH one AS (
        INSERT INTO helpdesk.sessions (id, name)
        SELECT gen_random_uuid(), 'Maria' FROM generate_series(1, %(rows)s::int / 3)
        RETURNING id
    )
    INSERT INTO helpdesk.questions
        (id, session_id, question, answer, status, created_at, updated_at, notified_at)
    SELECT gen_random_uuid(), id, repeat(md5(random()::text), 2),
        repeat(md5(random()::text), 18),
        'respondida', now(), now(), now()
    FROM one, generate_series(1, 3) n
"""
_AUDIT = """
    INSERT INTO platform.audit_log (action, resource_type, resource_id, actor_id)
    SELECT 'wallet.recharged', 'card', n::text, n FROM generate_series(1, %(rows)s::int) n
"""
_FILLS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "line of the journal": (_JOURNAL, ("platform.request_log",)),
    "question, its answer of 600 characters": (
        _QUESTIONS,
        ("helpdesk.questions", "helpdesk.sessions"),
    ),
    "audit entry": (_AUDIT, ("platform.audit_log",)),
}
_LEDGER = ("wallet.transfers", "wallet.entries")


def main() -> None:
    """Print a line for each kind of row."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    rows = parser.parse_args().rows
    with (
        tempfile.TemporaryDirectory(prefix="praca-", ignore_cleanup_errors=True) as folder,
        EmbeddedPostgres(Path(folder)) as server,
    ):
        asyncio.run(prepare(server.url))
        fill(server.url, 2 * rows)
        with psycopg.connect(server.url, autocommit=True) as connection:
            _print(connection, "movement of money", _LEDGER, rows)
            for name, (statement, tables) in _FILLS.items():
                made = connection.execute(statement.encode(), {"rows": rows}).rowcount
                _print(connection, name, tables, made)


def _print(connection: psycopg.Connection, name: str, tables: tuple[str, ...], rows: int) -> None:
    sizes = [
        connection.execute("SELECT pg_total_relation_size(%s::regclass)", [table]).fetchone()
        for table in tables
    ]
    total = sum(size[0] for size in sizes if size is not None)
    print(f"{name:40}{total / rows:8,.0f} bytes")


if __name__ == "__main__":
    main()

"""All SQL of the statements.

An account's entries have numbers without gaps and never go back in time, so a period is a range
of numbers, found by halving: what a statement costs does not depend on what lies outside it. And
because entries are append-only, such a range reads the same at any time: it is read in pieces,
without a transaction around them.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, Final

from praca.platform.database.engine import Database
from praca.wallet.cards.card import Card
from praca.wallet.statements.statement import Line, Period, Statement

__all__ = ["LINES_AT_ONCE", "find_statement", "read_lines"]

LINES_AT_ONCE: Final = 1000

_HEAD = """
WITH RECURSIVE bound (moment, is_end) AS (
    VALUES (%(start)s::timestamptz, false), (%(end)s::timestamptz, true)
), search (moment, is_end, low, high) AS (
    SELECT b.moment, b.is_end, 0::bigint, a.entries
    FROM bound b, wallet.accounts a WHERE a.id = %(account)s
    UNION ALL
    SELECT s.moment, s.is_end,
        CASE WHEN t.created_at < s.moment THEN e.number ELSE s.low END,
        CASE WHEN t.created_at < s.moment THEN s.high ELSE e.number - 1 END
    FROM search s
    JOIN wallet.entries e
        ON e.account_id = %(account)s AND e.number = (s.low + s.high + 1) / 2
    JOIN wallet.transfers t ON t.id = e.transfer_id
    WHERE s.low < s.high
), found AS (
    SELECT max(low) FILTER (WHERE NOT is_end) AS before, max(low) FILTER (WHERE is_end) AS last
    FROM search WHERE low = high
)
SELECT f.before, f.last, coalesce(o.balance, 0), coalesce(c.balance, 0),
    coalesce(sums.total_in, 0)::bigint, coalesce(sums.total_out, 0)::bigint,
    coalesce(c.hash, '')
FROM found f
LEFT JOIN wallet.entries o ON o.account_id = %(account)s AND o.number = f.before
LEFT JOIN wallet.entries c ON c.account_id = %(account)s AND c.number = f.last
CROSS JOIN LATERAL (
    SELECT sum(e.amount) FILTER (WHERE e.amount > 0) AS total_in,
        -sum(e.amount) FILTER (WHERE e.amount < 0) AS total_out
    FROM wallet.entries e
    WHERE e.account_id = %(account)s AND e.number > f.before AND e.number <= f.last
) sums
"""
_LINES = """
SELECT array_agg(e.number ORDER BY e.number), array_agg(t.created_at ORDER BY e.number),
    array_agg(t.kind ORDER BY e.number), array_agg(e.amount ORDER BY e.number),
    array_agg(e.balance ORDER BY e.number), array_agg(e.hash ORDER BY e.number)
FROM wallet.entries e JOIN wallet.transfers t ON t.id = e.transfer_id
WHERE e.account_id = %(account)s AND e.number > %(after)s AND e.number <= %(until)s
"""


async def find_statement(
    database: Database, card: Card, period: Period, *, now: datetime
) -> Statement:
    """Return the card's statement without its movements; one round trip."""
    row = await database.fetch_one(
        _HEAD,
        {"account": card.account_id, "start": period.begins_at, "end": period.ends_before},
    )
    if row is None:
        raise RuntimeError("an aggregate has one row")
    before, last, opening, closing, total_in, total_out, seal = row
    return Statement(
        card_number=card.number,
        account_id=card.account_id,
        period=period,
        before=before,
        last=last,
        opening_balance=opening,
        closing_balance=closing,
        total_in=total_in,
        total_out=total_out,
        seal=bytes(seal),
        generated_at=now,
    )


async def read_lines(database: Database, statement: Statement) -> AsyncIterator[list[Line]]:
    """Yield the movements, oldest first, some at a time; nothing is held in between."""
    for after in range(statement.before, statement.last, LINES_AT_ONCE):
        row = await database.fetch_one(
            _LINES,
            {
                "account": statement.account_id,
                "after": after,
                "until": min(after + LINES_AT_ONCE, statement.last),
            },
        )
        yield [] if row is None else list(map(_line, *row))


def _line(number: int, at: datetime, kind: str, amount: int, balance: int, digest: Any) -> Line:
    return Line(number, at.astimezone(UTC), kind, amount, balance, bytes(digest))
